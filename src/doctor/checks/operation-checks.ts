import { drainTimes } from '../../platform/http/drain-times.js';
import type { Facts } from '../facts/facts.js';
import { type Checks, fail, pass, type Verdict, warn } from './finding.js';
import { gigabytes, spaceVerdict } from './machine-checks.js';
import { mailChecks } from './mail-checks.js';

/** A day between backups, and two hours of delay. */
const MAX_BACKUP_HOURS = 26;

/** The `keepalive_timeout` of the upstream in deploy/nginx. */
const NGINX_KEEP_ALIVE_MS = 1000;

/** nginx's default `keepalive_timeout` of an upstream. */
const NGINX_DEFAULT_SECONDS = 60;

/** Checks of stops, idle connections, mail and backups. */
export const operationChecks: Checks = {
  drain: ({ settings: { environment } }) => {
    const { DEBUG, DRAIN_DELAY_MS, DRAIN_SECONDS, TRUST_PROXY } = environment;
    const { delayMs, totalMs } = drainTimes(environment);
    if (TRUST_PROXY > 0 && !DEBUG && delayMs <= NGINX_KEEP_ALIVE_MS) {
      return warn(
        `a stop accepts new connections for only ${delayMs} ms: nginx loses requests on idle connections that are closed after that`,
        'Set DRAIN_DELAY_MS=2000, longer than the keepalive_timeout of the upstream (1 s in deploy/nginx), and DRAIN_SECONDS to at least 4.',
      );
    }
    if (DRAIN_DELAY_MS > totalMs / 2) {
      return warn(
        `DRAIN_DELAY_MS=${DRAIN_DELAY_MS} is reduced to half of DRAIN_SECONDS=${DRAIN_SECONDS}, to leave time for running requests`,
        'Set DRAIN_DELAY_MS to a quarter of DRAIN_SECONDS.',
      );
    }
    return pass(`a stop takes at most ${DRAIN_SECONDS} s`);
  },
  'keep-alive': ({ settings: { environment } }) => {
    const { KEEP_ALIVE_SECONDS, TRUST_PROXY } = environment;
    const found = `idle connections are kept for ${KEEP_ALIVE_SECONDS} s`;
    return TRUST_PROXY > 0 && KEEP_ALIVE_SECONDS <= NGINX_DEFAULT_SECONDS
      ? warn(
          `${found}: a proxy that keeps them longer, such as nginx by default, loses requests when the service closes them first`,
          'Set KEEP_ALIVE_SECONDS to more than that of the proxy: 72 for nginx, 620 for a load balancer with 600 s.',
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
    return freeBytes < next ? fail(text, 'Free disk space: the backup would not fit.') : spaceVerdict(text, freeBytes);
  },
};

function backups({ backups: found }: Facts): Verdict | Verdict[] {
  const remedy = 'Run deploy/backup.sh and read its output, then check its timer or cron entry.';
  if (found.state === 'unset') {
    return warn(
      'BACKUP_DIR is not set: backups cannot be checked',
      'Run deploy/backup.sh every day, and set BACKUP_DIR to its folder.',
    );
  }
  if (found.state === 'unreadable')
    return fail(`BACKUP_DIR cannot be read: ${found.reason}`, 'Correct BACKUP_DIR, or the permissions of the folder.');
  const [newest, before] = found.newestFirst;
  if (!newest) return fail(`there is no backup in ${found.path}`, remedy);
  const age = `${newest.name} is ${Math.round(newest.ageHours)} hours old`;
  if (newest.bytes === 0) return fail(`${newest.name}, the newest backup, is empty`, remedy);
  if (newest.ageHours > MAX_BACKUP_HOURS) return fail(`the newest backup ${age}`, remedy);
  const verdicts = [
    ...(before && newest.bytes < before.bytes / 2
      ? [
          warn(
            `${newest.name} has less than half the size of the previous backup`,
            'Restore it into a scratch database (deploy/restore.sh).',
          ),
        ]
      : []),
    ...(newest.mode & 0o004
      ? [
          warn(
            `every account of this machine may read ${newest.name}`,
            `Set its mode to 600, and that of ${found.path} to 700.`,
          ),
        ]
      : []),
  ];
  return verdicts.length > 0
    ? verdicts
    : pass(`${age}, ${found.newestFirst.length} kept; test one regularly with deploy/restore.sh`);
}
