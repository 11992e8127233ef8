import { Injectable, type OnModuleInit } from '@nestjs/common';
import { entry, MASK, type PydanticError, RequestValidationError } from '../../fastapi/errors/validation-error.js';
import { codePoints } from '../../fastapi/validation/length.decorators.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { PASSWORD_STRICT_MIN_LENGTH } from './password-length.js';
import type { PasswordStrength } from './password-strength.js';
import { PasswordSettings } from './password.settings.js';

/** Whose password it is to become. */
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
const UNCHANGED = valueError('the new password is the current one');

/**
 * What a new password must be beside the bounds that every one has: under PASSWORD_POLICY=strict at registration, at a
 * change and at a reset alike; never at a sign-in.
 */
@Injectable()
export class PasswordRules implements OnModuleInit {
  private strength: PasswordStrength | undefined;

  constructor(
    private readonly settings: PasswordSettings,
    private readonly platform: PlatformSettings,
  ) {}

  /** The lists take memory and time: only for who uses them. */
  async onModuleInit(): Promise<void> {
    if (this.settings.PASSWORD_POLICY !== 'strict') return;
    const { PasswordStrength } = await import('./password-strength.js');
    this.strength = new PasswordStrength();
  }

  /**
   * @param field of the body that holds it
   * @throws RequestValidationError 422, as if the field's own rules had refused it
   */
  check(password: string, owner: PasswordOwner, field: 'password' | 'new_password'): void {
    if (!this.strength) return;
    if (codePoints(password) < PASSWORD_STRICT_MIN_LENGTH) throw refusal(field, TOO_SHORT);
    if (!this.strength.isSufficient(password, guessableWords(owner, this.platform))) throw refusal(field, TOO_WEAK);
  }

  /** @throws RequestValidationError 422 for a change that changes nothing */
  requireChanged({ current_password, new_password }: { current_password: string; new_password: string }): void {
    if (current_password === new_password) throw refusal('new_password', UNCHANGED);
  }
}

const SEPARATORS = /[\s._@+-]+/g;
const JOINERS = ['', ' ', '-', '_', '.'];

/** What somebody would try first: the name, the address and its parts, the name and the host of the service. */
function guessableWords({ username, email }: PasswordOwner, { APP_NAME, PUBLIC_URL }: PlatformSettings): string[] {
  const phrases = [username, email ?? '', APP_NAME, new URL(PUBLIC_URL).hostname];
  const joined = phrases.flatMap((phrase) => JOINERS.map((glue) => phrase.replaceAll(SEPARATORS, glue)));
  const parts = phrases.flatMap((phrase) => phrase.split(SEPARATORS));
  // A letter or two would be found in every password.
  return [...new Set([...phrases, ...joined, ...parts])].filter((word) => word.length > 2);
}

function refusal(field: string, error: PydanticError): RequestValidationError {
  return new RequestValidationError([entry(['body', field], MASK, error)]);
}

/** In the words in which pydantic passes on what a validator function said. */
function valueError(reason: string): PydanticError {
  return { type: 'value_error', msg: `Value error, ${reason}`, ctx: { error: {} } };
}
