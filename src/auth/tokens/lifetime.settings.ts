import { IntegerVariable } from '../../platform/config/variable.decorator.js';

/** How long tokens and sessions last. */
export class LifetimeSettings {
  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Lifetime of an access token in minutes; never longer than that of its session.',
    what: 'a number of minutes',
    from: 1,
    to: 525600,
    default: 30,
  })
  readonly ACCESS_TOKEN_EXPIRE_MINUTES: number;

  @IntegerVariable({
    group: 'Sessions',
    about: 'A session ends after so long without a refresh.',
    what: 'days',
    from: 1,
    to: 3650,
    default: 30,
  })
  readonly SESSION_IDLE_DAYS: number;

  @IntegerVariable({
    group: 'Sessions',
    about: 'A session ends so long after the sign-in, however much it is used.',
    what: 'days',
    from: 1,
    to: 3650,
    default: 180,
  })
  readonly SESSION_MAX_DAYS: number;

  @IntegerVariable({
    group: 'Sessions',
    about:
      'How long a used refresh token gives the same successor after the first use of that successor, for tabs that refresh at the same time; presented later, it ends the session. Before the successor is used there is no limit, because the answer may have been lost.',
    what: 'seconds',
    from: 0,
    to: 300,
    default: 30,
  })
  readonly REFRESH_GRACE_SECONDS: number;
}

const SECONDS_A_DAY = 86_400;

/** So long a session lasts at most without a refresh, and with it the last of its tokens. */
export function idleDays({ SESSION_IDLE_DAYS, SESSION_MAX_DAYS }: LifetimeSettings): number {
  return Math.min(SESSION_IDLE_DAYS, SESSION_MAX_DAYS);
}

/** What `expires_in` says: no longer than the session, which would end while the token still promised to be good. */
export function accessTokenSeconds(settings: LifetimeSettings): number {
  return Math.min(settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60, idleDays(settings) * SECONDS_A_DAY);
}
