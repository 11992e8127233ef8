import { StringField } from '../../fastapi/validation/field.decorators.js';
import { FitsBcrypt, PASSWORD_MIN_LENGTH } from './password-policy.js';

/** Another password for who was sent a link. */
export class PasswordResetRequest {
  @StringField({ secret: true, example: 'kzVPqFQnrB1o4ePdkJ2SxRk0mCw9hYtA7uLZf3vD5Ns' })
  token: string;

  @StringField({ minLength: PASSWORD_MIN_LENGTH, secret: true, example: 'kestrel-voyage-amber' })
  @FitsBcrypt()
  new_password: string;
}
