import { FitsBcrypt, PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH } from '../auth/passwords/password-length.js';
import { StringField } from '../fastapi/validation/field.decorators.js';

/** The body of a request to change the password. */
export class PasswordChangeRequest {
  @StringField({ textLimit: PASSWORD_MAX_BYTES, secret: true, example: 'secure123' })
  current_password: string;

  @StringField({
    minLength: PASSWORD_MIN_LENGTH,
    textLimit: PASSWORD_MAX_BYTES,
    secret: true,
    example: 'kestrel-voyage-amber',
  })
  @FitsBcrypt()
  new_password: string;
}
