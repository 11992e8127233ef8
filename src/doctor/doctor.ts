import { diagnose } from './diagnose.js';
import { gatherFacts } from './facts/gather-facts.js';
import { readableReport } from './report.js';

export interface DoctorOptions {
  /** Findings as a JSON array, for programs. */
  json: boolean;
  colours: boolean;
}

/**
 * The production checklist as a program: looks at the settings, the machine and what the service depends on, as a process
 * with these variables would find them, and changes nothing.
 *
 * @param variables the variables of the process, `process.env`
 * @returns what to write, without a secret in it, and 1 where something failed
 */
export async function runDoctor(
  variables: NodeJS.ProcessEnv,
  { json, colours }: DoctorOptions,
): Promise<{ text: string; exitCode: 0 | 1 }> {
  const findings = diagnose(await gatherFacts(variables));
  const text = json ? JSON.stringify(findings, null, 2) : readableReport(findings, { colours });
  return { text, exitCode: findings.some(({ level }) => level === 'fail') ? 1 : 0 };
}
