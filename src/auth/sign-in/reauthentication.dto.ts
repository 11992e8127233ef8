import { StringField } from '../../fastapi/validation/field.decorators.js';
import { PASSWORD_MAX_BYTES } from '../passwords/password-length.js';

/** The proof of a signed-in user that it is still them. */
export class ReauthenticationRequest {
  @StringField({
    textLimit: PASSWORD_MAX_BYTES,
    secret: true,
    example: 'secure123',
    description: 'The password of the account.',
  })
  password: string;
}
