import { IsIn, Matches } from 'class-validator';
import { lowerCase } from '../../platform/config/parsers.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** The refresh cookie. */
export class SessionSettings {
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
