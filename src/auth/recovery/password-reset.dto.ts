import { StringField } from '../../fastapi/validation/field.decorators.js';
import { LINK_TOKEN_LENGTH } from '../links/link-token.dto.js';
import { FitsBcrypt, PASSWORD_MAX_BYTES, PASSWORD_MIN_LENGTH } from '../passwords/password-length.js';

/** The body of a password reset. */
export class PasswordResetRequest {
  @StringField({ textLimit: LINK_TOKEN_LENGTH, secret: true, example: 'kzVPqFQnrB1o4ePdkJ2SxRk0mCw9hYtA7uLZf3vD5Ns' })
  token: string;

  @StringField({
    minLength: PASSWORD_MIN_LENGTH,
    textLimit: PASSWORD_MAX_BYTES,
    secret: true,
    example: 'kestrel-voyage-amber',
  })
  @FitsBcrypt()
  new_password: string;
}
