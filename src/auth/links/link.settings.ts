import { IsIn } from 'class-validator';
import { lowerCase } from '../../platform/config/parsers.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** Settings of the verification of e-mail addresses. */
export class LinkSettings {
  @Variable({
    group: 'E-mail',
    about:
      'Whether new accounts have to verify their e-mail address. With required, they cannot sign in until then. Existing accounts are exempt.',
    expected: 'off, optional or required',
    parse: lowerCase,
    default: 'off',
  })
  @IsIn(['off', 'optional', 'required'])
  readonly EMAIL_VERIFICATION: 'off' | 'optional' | 'required';
}
