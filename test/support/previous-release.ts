import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBuild } from './service-process.js';

/** The last commit before the schema and the tokens of this release. */
const COMMIT = '2d1bcc4';

/** The last migration of that commit. */
export const NEWEST_MIGRATION = 'CreateHashDemands1770000700000';

/**
 * The previous release of the service, from the history of this repository: a shallow clone does not have it. It runs with
 * the packages of this release; passport-jwt is installed for it alone.
 */
export async function buildPreviousRelease(): Promise<ServiceBuild> {
  const folder = mkdtempSync(join(tmpdir(), 'previous-release-'));
  try {
    const archive = execFileSync('git', ['archive', COMMIT, 'src', 'package.json'], { maxBuffer: 64 * 1024 * 1024 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return await ServiceBuild.make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
