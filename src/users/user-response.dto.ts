import { ApiSchema } from '@nestjs/swagger';
import { BooleanField, DateTimeField, IntegerField, StringField } from '../fastapi/validation/field.decorators.js';
import type { Timestamp } from '../platform/database/timestamp.js';
import type { Account } from './user.entity.js';

/** An account as its owner sees it. */
@ApiSchema({ name: 'User' })
export class UserResponse {
  @IntegerField({ example: 1 })
  id: number;

  @StringField({ example: 'john' })
  username: string;

  @StringField({ optional: true, example: 'john@example.com' })
  email: string | null;

  @BooleanField({ example: true })
  is_active: boolean;

  @BooleanField({ example: false })
  is_superuser: boolean;

  @DateTimeField({ example: '2026-01-04T10:00:00Z' })
  created_at: Timestamp;

  static from(user: Account): UserResponse {
    const response = new UserResponse();
    response.id = user.id;
    response.username = user.username;
    response.email = user.email;
    response.is_active = user.isActive;
    response.is_superuser = user.isSuperuser;
    response.created_at = user.createdAt;
    return response;
  }
}
