import { StringField } from '../../fastapi/validation/field.decorators.js';
import { PASSWORD_MAX_BYTES } from '../passwords/password-length.js';

/** The body of a reauthentication. */
export class ReauthenticationRequest {
  @StringField({
    textLimit: PASSWORD_MAX_BYTES,
    secret: true,
    example: 'secure123',
    description: 'The password of the account.',
  })
  password: string;
}
