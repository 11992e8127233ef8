import type { Environment } from './environment.js';

const SECONDS_A_DAY = 86_400;

/** So long a session lasts at most without a refresh, and with it the last of its tokens. */
export function idleDays({ SESSION_IDLE_DAYS, SESSION_MAX_DAYS }: Environment): number {
  return Math.min(SESSION_IDLE_DAYS, SESSION_MAX_DAYS);
}

/** What `expires_in` says: no longer than the session, which would end while the token still promised to be good. */
export function accessTokenSeconds(environment: Environment): number {
  return Math.min(environment.ACCESS_TOKEN_EXPIRE_MINUTES * 60, idleDays(environment) * SECONDS_A_DAY);
}
