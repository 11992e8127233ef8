import { StringField } from '../../fastapi/validation/field.decorators.js';
import { FitsBcrypt, PASSWORD_MIN_LENGTH } from './password-policy.js';

/** Another password for who knows the current one. */
export class PasswordChangeRequest {
  @StringField({ secret: true, example: 'secure123' })
  current_password: string;

  @StringField({ minLength: PASSWORD_MIN_LENGTH, secret: true, example: 'kestrel-voyage-amber' })
  @FitsBcrypt()
  new_password: string;
}
