import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBuild } from './service-process.js';

/** The last commit before this release changed schema and tokens. */
const COMMIT = '2d1bcc4';

/** The last migration of that commit. */
export const NEWEST_MIGRATION = 'CreateHashDemands1770000700000';

/**
 * Builds the previous release of the service from the history of this repository, which a shallow clone does not have. It
 * runs with the packages of this release; passport-jwt is installed only for it.
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
