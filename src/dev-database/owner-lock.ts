import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkLiveness, identifyThisProcess, type ProcessIdentity } from '../platform/processes/process-identity.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/**
 * The lock of a folder, which has one owner. The files owner-1.json, owner-2.json, ... are generations, and the highest
 * one counts. An owner that is gone or has released the lock is replaced by creating the next number exclusively, and
 * the highest file is never deleted. If several processes find the same dead owner, exactly one therefore replaces it.
 * Deleting and re-creating a single lock file cannot guarantee this.
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

/**
 * Acquires the lock of a folder.
 *
 * @param silenceMs time without a heartbeat after which an owner counts as gone
 * @throws EmbeddedPostgresError with the owner's process if the folder is in use
 */
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
  // If the process is not visible, the heartbeat decides. Only changes of the file's time count, because clocks may
  // differ.
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
      // The folder was deleted, so there is nothing to protect.
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
        // Without the release, the claim expires with this process.
      }
    },
  };
}

/** Links a complete draft, so that the file is never visible without its content. Linking fails if the name exists. */
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

/** For file systems without hard links. For microseconds, a reader may see an incomplete file. */
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
    `The embedded PostgreSQL in ${folder} is in use by ${who} since ${holder.since}.\n` +
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
