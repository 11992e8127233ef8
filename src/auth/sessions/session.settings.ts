import { IsIn, Matches } from 'class-validator';
import { lowerCase } from '../../platform/config/parsers.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** Settings of the refresh cookie. */
export class SessionSettings {
  @Variable({
    group: 'Sessions',
    about:
      'Whether a client may request the refresh token as an HttpOnly cookie, and the SameSite attribute of that cookie. none is for a front end on another site and requires HTTPS.',
    expected: 'off, lax, strict or none',
    parse: lowerCase,
    default: 'lax',
  })
  @IsIn(['off', 'lax', 'strict', 'none'])
  readonly REFRESH_COOKIE: 'off' | 'lax' | 'strict' | 'none';

  @Variable({
    group: 'Sessions',
    about:
      'Name of the refresh cookie. Browsers share cookies between the ports of a host, so two services on one host need different names. Over HTTPS, the name has the prefix __Host-.',
    expected: 'letters, digits, _, - and ., at most 64',
    default: 'refresh_token',
  })
  @Matches(/^(?!__)[A-Za-z0-9_.-]{1,64}$/)
  readonly REFRESH_COOKIE_NAME: string;
}
