import type { Facts } from '../facts/facts.js';

/** `info` is neutral. Only `fail` sets the doctor's exit code to 1. */
export type Level = 'pass' | 'info' | 'warn' | 'fail';

/** The result of a check. Its texts never contain a secret. */
export interface Verdict {
  level: Level;
  found: string;
  /** What the operator should do. Present in every warning and failure. */
  remedy?: string;
}

/** A check, which reads only the facts. It returns undefined if it does not apply. */
export type Check = (facts: Facts) => Verdict | Verdict[] | undefined;

/** Checks by name. The names must not change, because monitoring reads them. */
export type Checks = Readonly<Record<string, Check>>;

export const pass = (found: string): Verdict => ({ level: 'pass', found });
export const info = (found: string, remedy?: string): Verdict => ({ level: 'info', found, remedy });
export const warn = (found: string, remedy: string): Verdict => ({ level: 'warn', found, remedy });
export const fail = (found: string, remedy: string): Verdict => ({ level: 'fail', found, remedy });

/** A failure in production, and a warning with DEBUG. */
export function failInProduction({ settings }: Facts, found: string, remedy: string): Verdict {
  return settings.environment.DEBUG ? warn(found, remedy) : fail(found, remedy);
}
