import { IsIn } from 'class-validator';
import { lowerCase } from '../../platform/config/parsers.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** The verification of e-mail addresses. */
export class LinkSettings {
  @Variable({
    group: 'E-mail',
    about:
      'Whether new accounts verify their address: required refuses to sign in before. Accounts that the service took over are exempt.',
    expected: 'off, optional or required',
    parse: lowerCase,
    default: 'off',
  })
  @IsIn(['off', 'optional', 'required'])
  readonly EMAIL_VERIFICATION: 'off' | 'optional' | 'required';
}
