import { EmailField, StringField } from '../../fastapi/validation/field.decorators.js';
import { PASSWORD_MAX_BYTES } from '../passwords/password-length.js';

/** The body of a request to change the address of an account. */
export class EmailChangeRequest {
  @EmailField({ maxLength: 100, example: 'john@example.org' })
  email: string;

  @StringField({ textLimit: PASSWORD_MAX_BYTES, secret: true, example: 'secure123' })
  current_password: string;
}
