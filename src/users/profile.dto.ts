import { ApiSchema } from '@nestjs/swagger';
import { BooleanField, DateTimeField, StringField } from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';
import { DISPLAY_NAME_MAX_LENGTH, IsVisibleDisplayName, normalizeDisplayName } from './display-name.js';
import type { User } from './user.entity.js';
import { UserResponse } from './user-response.dto.js';
import { IsVisibleUsername, normalizeUsername, USERNAME_MAX_LENGTH, USERNAME_MIN_LENGTH } from './username.js';

/** What somebody may change of the own account. Anything else in the body is ignored (row A81). */
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
    description: 'How the person wants to be called; null for nothing.',
    example: 'John Doe',
  })
  @IsVisibleDisplayName()
  display_name?: string | null | undefined;
}

/** An account as its owner sees it, with what the Python service did not know. */
@ApiSchema({ name: 'Profile' })
export class ProfileResponse extends UserResponse {
  @StringField({ optional: true, example: 'John Doe' })
  display_name: string | null;

  @BooleanField({ description: 'Whether somebody has shown that they read what is sent to `email`.', example: true })
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
