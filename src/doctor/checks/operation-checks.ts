import type { Facts } from '../facts/facts.js';
import { type Checks, fail, pass, type Verdict, warn } from '../finding.js';
import { mailChecks } from './mail-checks.js';
import { gigabytes, spaceVerdict } from './machine-checks.js';

/** A daily backup, and two hours in which it may run late. */
const NEWEST_HOURS = 26;

/** What keeps running well while nobody looks. */
export const operationChecks: Checks = {
  drain: ({ settings: { environment } }) => {
    const { DRAIN_DELAY_MS, DRAIN_SECONDS } = environment;
    if (DRAIN_DELAY_MS < DRAIN_SECONDS * 1000) return pass(`a stop takes ${DRAIN_SECONDS} s at most`);
    return warn(
      `DRAIN_DELAY_MS=${DRAIN_DELAY_MS} leaves nothing of DRAIN_SECONDS=${DRAIN_SECONDS}: requests in flight are cut off`,
      'Set DRAIN_DELAY_MS to a quarter of it.',
    );
  },
  ...mailChecks,
  backups,
  'backups-space': ({ backups: found }) => {
    if (found.state !== 'listed' || found.freeBytes === undefined) return undefined;
    const { newestFirst, freeBytes } = found;
    const next = newestFirst[0]?.bytes ?? 0;
    const text = `${gigabytes(freeBytes)} free for the next backup`;
    return freeBytes < next ? fail(text, 'Make room: it would not fit.') : spaceVerdict(text, freeBytes);
  },
};

function backups({ backups: found }: Facts): Verdict | Verdict[] {
  const look = 'Run deploy/backup.sh and see what it says; then look at its timer or cron entry.';
  if (found.state === 'unset') {
    return warn(
      'BACKUP_DIR is not set: nobody knows of backups',
      'Run deploy/backup.sh every day, and set BACKUP_DIR to its folder.',
    );
  }
  if (found.state === 'unreadable')
    return fail(`BACKUP_DIR cannot be read: ${found.reason}`, 'Mend BACKUP_DIR, or the rights of that folder.');
  const [newest, before] = found.newestFirst;
  if (!newest) return fail(`there is no backup in ${found.path}`, look);
  const age = `${newest.name} is ${Math.round(newest.ageHours)} hours old`;
  if (newest.bytes === 0) return fail(`${newest.name}, the newest backup, is empty`, look);
  if (newest.ageHours > NEWEST_HOURS) return fail(`the newest backup ${age}`, look);
  const verdicts = [
    ...(before && newest.bytes < before.bytes / 2
      ? [
          warn(
            `${newest.name} has less than half the size of the backup before it`,
            'Restore it into a scratch database (deploy/restore.sh).',
          ),
        ]
      : []),
    ...(newest.mode & 0o004
      ? [warn(`every account of this machine may read ${newest.name}`, `chmod 600 it, and 700 ${found.path}.`)]
      : []),
  ];
  return verdicts.length > 0
    ? verdicts
    : pass(`${age}, ${found.newestFirst.length} are kept; try one now and then: deploy/restore.sh`);
}
