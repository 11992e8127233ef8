import { PASSWORD_MAX_BYTES } from '../auth/passwords/password-length.js';
import { StringField } from '../fastapi/validation/field.decorators.js';

/** The body of a request to delete one's own account. */
export class AccountDeletionRequest {
  @StringField({
    textLimit: PASSWORD_MAX_BYTES,
    secret: true,
    example: 'secure123',
    description: 'The password of the account.',
  })
  password: string;
}
