import { drainTimes } from '../../platform/http/drain-times.js';
import type { Facts } from '../facts/facts.js';
import { type Checks, fail, pass, type Verdict, warn } from './finding.js';
import { gigabytes, spaceVerdict } from './machine-checks.js';
import { mailChecks } from './mail-checks.js';

/** A daily backup, and two hours in which it may run late. */
const NEWEST_HOURS = 26;

/** The `keepalive_timeout` of the upstream in deploy/nginx. */
const NGINX_KEEPS_MS = 1000;

/** How long nginx keeps idle connections to an upstream that has no `keepalive_timeout`. */
const NGINX_DEFAULT_SECONDS = 60;

/** What keeps running well while nobody looks. */
export const operationChecks: Checks = {
  drain: ({ settings: { environment } }) => {
    const { DEBUG, DRAIN_DELAY_MS, DRAIN_SECONDS, TRUST_PROXY } = environment;
    const { delayMs, totalMs } = drainTimes(environment);
    if (TRUST_PROXY > 0 && !DEBUG && delayMs <= NGINX_KEEPS_MS) {
      return warn(
        `new connections are accepted for ${delayMs} ms of a stop only: nginx loses what it sends over idle ones that are closed then`,
        'Set DRAIN_DELAY_MS=2000, and DRAIN_SECONDS to 4 at least: longer than the keepalive_timeout of its upstream, 1 s in deploy/nginx.',
      );
    }
    if (DRAIN_DELAY_MS > totalMs / 2) {
      return warn(
        `DRAIN_DELAY_MS=${DRAIN_DELAY_MS} is cut to half of DRAIN_SECONDS=${DRAIN_SECONDS}, or requests in flight had no time`,
        'Set DRAIN_DELAY_MS to a quarter of it.',
      );
    }
    return pass(`a stop takes ${DRAIN_SECONDS} s at most`);
  },
  'keep-alive': ({ settings: { environment } }) => {
    const { KEEP_ALIVE_SECONDS, TRUST_PROXY } = environment;
    const found = `idle connections are kept for ${KEEP_ALIVE_SECONDS} s`;
    return TRUST_PROXY > 0 && KEEP_ALIVE_SECONDS <= NGINX_DEFAULT_SECONDS
      ? warn(
          `${found}: a proxy that keeps them longer, as nginx does by default, loses requests on connections that the service closes`,
          'Set KEEP_ALIVE_SECONDS to more than the proxy has: 72 for nginx, 620 for a load balancer that keeps them for 600 s.',
        )
      : pass(found);
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
