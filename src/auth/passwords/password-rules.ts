import { Injectable, type OnModuleInit } from '@nestjs/common';
import { entry, MASK, type PydanticError, RequestValidationError } from '../../fastapi/errors/validation-error.js';
import { codePoints } from '../../fastapi/validation/length.decorators.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { PASSWORD_STRICT_MIN_LENGTH } from './password-length.js';
import type { PasswordStrength } from './password-strength.js';
import { PasswordSettings } from './password.settings.js';

/** The account that a password is for. */
export interface PasswordOwner {
  username: string;
  email: string | null;
}

const TOO_SHORT: PydanticError = {
  type: 'string_too_short',
  msg: `String should have at least ${PASSWORD_STRICT_MIN_LENGTH} characters`,
  ctx: { min_length: PASSWORD_STRICT_MIN_LENGTH },
};
const TOO_WEAK = valueError('password is common, breached or easily guessed');
const UNCHANGED = valueError('the new password must differ from the current password');

/**
 * Rules for new passwords with PASSWORD_POLICY=strict, in addition to the limits of length that always apply. They apply
 * at registration, at a change and at a reset, never at a sign-in.
 */
@Injectable()
export class PasswordRules implements OnModuleInit {
  private strength: PasswordStrength | undefined;

  constructor(
    private readonly settings: PasswordSettings,
    private readonly platform: PlatformSettings,
  ) {}

  /** Loads the lists of passwords only if they are needed, because they take memory and time. */
  async onModuleInit(): Promise<void> {
    if (this.settings.PASSWORD_POLICY !== 'strict') return;
    const { PasswordStrength } = await import('./password-strength.js');
    this.strength = new PasswordStrength();
  }

  /**
   * @param field the field of the body that contains the password
   * @throws RequestValidationError 422, in the form of a validation error of that field
   */
  check(password: string, owner: PasswordOwner, field: 'password' | 'new_password'): void {
    if (!this.strength) return;
    if (codePoints(password) < PASSWORD_STRICT_MIN_LENGTH) throw refusal(field, TOO_SHORT);
    if (!this.strength.isSufficient(password, guessableWords(owner, this.platform))) throw refusal(field, TOO_WEAK);
  }

  /** @throws RequestValidationError 422 if the new password equals the current one */
  requireChanged({ current_password, new_password }: { current_password: string; new_password: string }): void {
    if (current_password === new_password) throw refusal('new_password', UNCHANGED);
  }
}

const SEPARATORS = /[\s._@+-]+/g;
const JOINERS = ['', ' ', '-', '_', '.'];

/** Words that an attacker would try first: the username, the address, the name and the host of the service, and parts. */
function guessableWords({ username, email }: PasswordOwner, { APP_NAME, PUBLIC_URL }: PlatformSettings): string[] {
  const phrases = [username, email ?? '', APP_NAME, new URL(PUBLIC_URL).hostname];
  const joined = phrases.flatMap((phrase) => JOINERS.map((joiner) => phrase.replaceAll(SEPARATORS, joiner)));
  const parts = phrases.flatMap((phrase) => phrase.split(SEPARATORS));
  // Words of one or two letters occur in too many passwords.
  return [...new Set([...phrases, ...joined, ...parts])].filter((word) => word.length > 2);
}

function refusal(field: string, error: PydanticError): RequestValidationError {
  return new RequestValidationError([entry(['body', field], MASK, error)]);
}

/** The error that pydantic reports when a validator function raises ValueError. */
function valueError(reason: string): PydanticError {
  return { type: 'value_error', msg: `Value error, ${reason}`, ctx: { error: {} } };
}
