import { IsIn, Matches } from 'class-validator';
import { lowerCase } from './parsers.js';
import { IntegerVariable, Variable } from './variable.decorator.js';

/** How long somebody stays signed in. */
export class SessionVariables {
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

  @IntegerVariable({
    group: 'Sessions',
    about:
      'How long after a sign-in an export and a change of the username need no confirmation of the password. A refresh does not count as a sign-in.',
    what: 'minutes',
    from: 1,
    to: 1440,
    default: 10,
  })
  readonly RECENT_SIGN_IN_MINUTES: number;

  @Variable({
    group: 'Sessions',
    about:
      'Whether browsers may keep the refresh token in a cookie that scripts cannot read, where they ask for it: lax or strict is its SameSite, none is for a front end on another site (HTTPS only).',
    expected: 'off, lax, strict or none',
    parse: lowerCase,
    default: 'lax',
  })
  @IsIn(['off', 'lax', 'strict', 'none'])
  readonly REFRESH_COOKIE: 'off' | 'lax' | 'strict' | 'none';

  @Variable({
    group: 'Sessions',
    about:
      'Name of the refresh cookie. Browsers share cookies between the ports of a host, so two services on one host need two names. Over HTTPS, __Host- precedes the name.',
    expected: 'letters, digits, _, - and ., at most 64',
    default: 'refresh_token',
  })
  @Matches(/^(?!__)[A-Za-z0-9_.-]{1,64}$/)
  readonly REFRESH_COOKIE_NAME: string;
}
