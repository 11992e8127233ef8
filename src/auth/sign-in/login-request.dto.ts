import { StringField } from '../../fastapi/validation/field.decorators.js';

/** The body of a JSON sign-in. */
export class LoginRequest {
  @StringField({ textLimit: Infinity, example: 'john' })
  username: string;

  @StringField({ textLimit: Infinity, secret: true, example: 'secure123' })
  password: string;
}
