import type { Facts } from '../facts/facts.js';

/** `info` is neither good nor bad; only `fail` makes the doctor's exit code 1. */
export type Level = 'pass' | 'info' | 'warn' | 'fail';

/** What one check says. Neither text ever holds a secret. */
export interface Verdict {
  level: Level;
  /** What was found. */
  found: string;
  /** What to do about it; of every warning and failure. */
  remedy?: string;
}

/** Looks at the facts and nothing else. Several verdicts where several things can be wrong; none where it does not apply. */
export type Check = (facts: Facts) => Verdict | Verdict[] | undefined;

/** Checks by their name, which stays: monitoring reads it. */
export type Checks = Readonly<Record<string, Check>>;

export const pass = (found: string): Verdict => ({ level: 'pass', found });
export const info = (found: string, remedy?: string): Verdict => ({ level: 'info', found, remedy });
export const warn = (found: string, remedy: string): Verdict => ({ level: 'warn', found, remedy });
export const fail = (found: string, remedy: string): Verdict => ({ level: 'fail', found, remedy });

/** What is a failure in production and a warning under DEBUG. */
export function failInProduction({ settings }: Facts, found: string, remedy: string): Verdict {
  return settings.environment.DEBUG ? warn(found, remedy) : fail(found, remedy);
}
