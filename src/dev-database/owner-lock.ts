import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLiveness, identifyThisProcess, type ProcessIdentity } from '../platform/processes/process-identity.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/**
 * One owner a folder. The files owner-1.json, owner-2.json, ... are generations: the highest one counts, a dead or released
 * generation is succeeded by creating the next number exclusively, and the highest is never deleted. So of several starters
 * that all find the same dead owner exactly one succeeds it, which deleting and re-creating one lock file cannot promise.
 */
export interface OwnerLock {
  release(): void;
}

interface Claim extends ProcessIdentity {
  since: string;
  released: boolean;
}

const GENERATION = /^owner-(\d+)\.json$/;
const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 4 * HEARTBEAT_MS;

/** Throws an EmbeddedPostgresError that names the holder when `folder` has a living owner. `silenceMs` is for tests. */
export async function acquireOwnerLock(folder: string, silenceMs = SILENCE_MS): Promise<OwnerLock> {
  const claim: Claim = { ...identifyThisProcess(), since: new Date().toISOString(), released: false };
  for (;;) {
    const latest = latestGeneration(folder);
    const holder = latest === 0 ? undefined : readClaim(generationFile(folder, latest));
    if (holder && (await isHeld(holder, claim, generationFile(folder, latest), silenceMs)))
      throw heldBy(holder, claim, folder);

    const file = generationFile(folder, latest + 1);
    if (!createExclusively(file, claim)) continue;
    if (latestGeneration(folder) !== latest + 1) {
      rmSync(file, { force: true });
      continue;
    }
    for (const { name } of generations(folder))
      if (join(folder, name) !== file) rmSync(join(folder, name), { force: true });
    return hold(file, claim);
  }
}

async function isHeld(holder: Claim, self: Claim, file: string, silenceMs: number): Promise<boolean> {
  if (holder.released) return false;
  const verdict = checkLiveness(holder, self);
  if (verdict !== 'unseen') return verdict === 'alive';
  // An owner we cannot see is judged by its heartbeat: changes of the file's time are compared, never two machines' clocks.
  const before = modifiedAt(file);
  for (let waited = 0; waited < silenceMs; waited += 250) {
    await sleep(250);
    if (modifiedAt(file) !== before) return true;
  }
  return false;
}

function hold(file: string, claim: Claim): OwnerLock {
  const heartbeat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The folder was deleted under us; there is nothing left to protect.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      clearInterval(heartbeat);
      try {
        const next = temporaryFile(file);
        writeFileSync(next, JSON.stringify({ ...claim, released: true }));
        renameSync(next, file);
      } catch {
        // Not released, the claim still lapses with this process.
      }
    },
  };
}

/** The content must be there from the first moment the file is seen: write elsewhere, then link, which fails if the name is taken. */
function createExclusively(file: string, claim: Claim): boolean {
  const draft = temporaryFile(file);
  writeFileSync(draft, JSON.stringify(claim));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    return createWithoutLink(file, claim);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For file systems without hard links. A reader may meet the file half written, for microseconds. */
function createWithoutLink(file: string, claim: Claim): boolean {
  try {
    writeFileSync(file, JSON.stringify(claim), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function heldBy(holder: Claim, self: Claim, folder: string): EmbeddedPostgresError {
  const elsewhere = holder.host === self.host ? '' : ` on ${holder.host}`;
  const who =
    holder.pid === self.pid && !elsewhere ? `this process (${holder.pid})` : `process ${holder.pid}${elsewhere}`;
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL in ${folder} is held by ${who} since ${holder.since}.\n` +
      'Stop that process, set another DATA_DIR, or, for several processes, set DATABASE_URL to a PostgreSQL they can share.',
  );
}

function readClaim(file: string): Claim | undefined {
  try {
    const claim = JSON.parse(readFileSync(file, 'utf8')) as Claim;
    return Number.isInteger(claim.pid) && claim.pid > 0 ? claim : undefined;
  } catch {
    return undefined;
  }
}

function generations(folder: string): { name: string; number: number }[] {
  return readdirSync(folder).flatMap((name) => {
    const number = GENERATION.exec(name)?.[1];
    return number === undefined ? [] : [{ name, number: Number(number) }];
  });
}

function latestGeneration(folder: string): number {
  return Math.max(0, ...generations(folder).map(({ number }) => number));
}

function generationFile(folder: string, generation: number): string {
  return join(folder, `owner-${generation}.json`);
}

function temporaryFile(file: string): string {
  return `${file}.${randomBytes(6).toString('hex')}`;
}

function modifiedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
