import { EmailField, StringField } from '../../fastapi/validation/field.decorators.js';
import {
  IsVisibleUsername,
  normalizeUsername,
  USERNAME_MAX_LENGTH,
  USERNAME_MIN_LENGTH,
} from '../../users/username.js';
import { FitsBcrypt, PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH } from '../passwords/password-length.js';

/** The body of a registration. Other fields are ignored. */
export class UserCreate {
  @StringField({
    minLength: USERNAME_MIN_LENGTH,
    maxLength: USERNAME_MAX_LENGTH,
    normalize: normalizeUsername,
    example: 'john',
  })
  @IsVisibleUsername()
  username: string;

  @StringField({ minLength: PASSWORD_MIN_LENGTH, textLimit: PASSWORD_MAX_BYTES, secret: true, example: 'secure123' })
  @FitsBcrypt()
  password: string;

  @EmailField({ maxLength: 100, optional: true, example: 'john@example.com' })
  email: string | null;
}
