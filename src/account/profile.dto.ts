import { ApiSchema } from '@nestjs/swagger';
import { entry, MASK, RequestValidationError, type ValidationEntry } from '../fastapi/errors/validation-error.js';
import { BooleanField, DateTimeField, StringField } from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';
import { DISPLAY_NAME_MAX_LENGTH, IsVisibleDisplayName, normalizeDisplayName } from '../users/display-name.js';
import { UserResponse } from '../users/user-response.dto.js';
import type { User } from '../users/user.entity.js';
import { IsVisibleUsername, normalizeUsername, USERNAME_MAX_LENGTH, USERNAME_MIN_LENGTH } from '../users/username.js';

/** The fields that users may change in their own accounts. Other fields of the body are ignored. */
export class UserUpdate {
  @StringField({
    omittable: true,
    minLength: USERNAME_MIN_LENGTH,
    maxLength: USERNAME_MAX_LENGTH,
    normalize: normalizeUsername,
    example: 'john',
  })
  @IsVisibleUsername()
  username?: string | undefined;

  @StringField({
    omittable: true,
    optional: true,
    minLength: 1,
    maxLength: DISPLAY_NAME_MAX_LENGTH,
    normalize: normalizeDisplayName,
    description: 'Name to show instead of the username; null for none.',
    example: 'John Doe',
  })
  @IsVisibleDisplayName()
  display_name?: string | null | undefined;

  @StringField({
    omittable: true,
    optional: true,
    maxLength: 255,
    description:
      'Accepted if it is the current address, so that a client can send the whole account back. `POST /api/v1/users/me/email` changes the address.',
  })
  email?: string | null | undefined;

  @StringField({
    omittable: true,
    optional: true,
    secret: true,
    description: 'Refused: `PUT /api/v1/users/me/password` changes the password.',
  })
  password?: string | null | undefined;
}

/**
 * Rejects changes that belong to another route. If they were ignored, a client would get a 200 and assume that the
 * address or the password has changed.
 *
 * @param current the address of the account
 * @throws RequestValidationError 422 that names the route
 */
export function refuseCredentials({ email, password }: UserUpdate, current: string | null): void {
  const errors = [
    ...(email === undefined || email === current ? [] : [elsewhere('email', email, 'POST /api/v1/users/me/email')]),
    ...(typeof password === 'string' ? [elsewhere('password', MASK, 'PUT /api/v1/users/me/password')] : []),
  ];
  if (errors.length > 0) throw new RequestValidationError(errors);
}

function elsewhere(name: string, input: unknown, route: string): ValidationEntry {
  return entry(['body', name], input, {
    type: 'value_error',
    msg: `Value error, ${name} cannot be changed here: use ${route}`,
    ctx: { error: {} },
  });
}

/** An account as its owner sees it, with fields that the Python service does not have. */
@ApiSchema({ name: 'Profile' })
export class ProfileResponse extends UserResponse {
  @StringField({ optional: true, example: 'John Doe' })
  display_name: string | null;

  @BooleanField({ description: 'Whether the address is verified.', example: true })
  email_verified: boolean;

  @DateTimeField({ optional: true, example: '2026-02-04T10:00:00Z' })
  updated_at: Timestamp | null;

  static override from(user: User): ProfileResponse {
    return Object.assign(new ProfileResponse(), UserResponse.from(user), {
      display_name: user.displayName,
      email_verified: user.emailVerifiedAt !== null,
      updated_at: user.updatedAt,
    });
  }
}
