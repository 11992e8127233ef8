import { IsIn } from 'class-validator';
import { Variable } from '../../platform/config/variable.decorator.js';

/** What a new password must be. */
export class PasswordSettings {
  @Variable({
    group: 'Tokens and passwords',
    about:
      'What a new password must be: 6 characters as in the documented service, or strict, which is 8 and refuses what is common, breached or easily guessed.',
    expected: 'compatible or strict',
    default: 'compatible',
  })
  @IsIn(['compatible', 'strict'])
  readonly PASSWORD_POLICY: 'compatible' | 'strict';
}
