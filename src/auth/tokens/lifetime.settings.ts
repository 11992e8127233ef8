import { IntegerVariable } from '../../platform/config/variable.decorator.js';

/** Lifetimes of tokens and sessions. */
export class LifetimeSettings {
  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Lifetime of an access token in minutes, but never longer than that of its session.',
    what: 'a number of minutes',
    from: 1,
    to: 525600,
    default: 30,
  })
  readonly ACCESS_TOKEN_EXPIRE_MINUTES: number;

  @IntegerVariable({
    group: 'Sessions',
    about: 'Time in days without a refresh after which a session ends.',
    what: 'days',
    from: 1,
    to: 3650,
    default: 30,
  })
  readonly SESSION_IDLE_DAYS: number;

  @IntegerVariable({
    group: 'Sessions',
    about: 'Time in days after the sign-in at which a session ends, even if it is used.',
    what: 'days',
    from: 1,
    to: 3650,
    default: 180,
  })
  readonly SESSION_MAX_DAYS: number;

  @IntegerVariable({
    group: 'Sessions',
    about:
      'Time in seconds after the first use of a new refresh token in which the previous one still returns the same new token, for tabs that refresh at the same time. Later, the previous one ends the session. Before the first use there is no limit, because the response may have been lost.',
    what: 'seconds',
    from: 0,
    to: 300,
    default: 30,
  })
  readonly REFRESH_GRACE_SECONDS: number;
}

const SECONDS_PER_DAY = 86_400;

/** The maximum lifetime of a session without a refresh, in days. */
export function idleDays({ SESSION_IDLE_DAYS, SESSION_MAX_DAYS }: LifetimeSettings): number {
  return Math.min(SESSION_IDLE_DAYS, SESSION_MAX_DAYS);
}

/** The lifetime of an access token (`expires_in`), which is never longer than that of its session. */
export function accessTokenSeconds(settings: LifetimeSettings): number {
  return Math.min(settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60, idleDays(settings) * SECONDS_PER_DAY);
}
