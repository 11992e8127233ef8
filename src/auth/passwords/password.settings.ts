import { IsIn } from 'class-validator';
import { Variable } from '../../platform/config/variable.decorator.js';

/** Settings of the password rules. */
export class PasswordSettings {
  @Variable({
    group: 'Tokens and passwords',
    about:
      'Rules for new passwords. compatible requires 6 characters, as the Python service does. strict requires 8 characters and rejects common, breached and guessable passwords.',
    expected: 'compatible or strict',
    default: 'compatible',
  })
  @IsIn(['compatible', 'strict'])
  readonly PASSWORD_POLICY: 'compatible' | 'strict';
}
