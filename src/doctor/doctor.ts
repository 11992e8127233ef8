import { diagnose } from './diagnose.js';
import { gatherFacts } from './facts/gather-facts.js';
import { readableReport } from './report.js';

export interface DoctorOptions {
  /** Prints the findings as a JSON array. */
  json: boolean;
  colours: boolean;
}

/**
 * Checks whether the service is ready for production: its settings, its machine and the services that it depends on.
 * Changes nothing.
 *
 * @param variables the environment of the process, `process.env`
 * @returns the report, without secrets, and 1 if a check failed
 */
export async function runDoctor(
  variables: NodeJS.ProcessEnv,
  { json, colours }: DoctorOptions,
): Promise<{ text: string; exitCode: 0 | 1 }> {
  const findings = diagnose(await gatherFacts(variables));
  const text = json ? JSON.stringify(findings, null, 2) : readableReport(findings, { colours });
  return { text, exitCode: findings.some(({ level }) => level === 'fail') ? 1 : 0 };
}
