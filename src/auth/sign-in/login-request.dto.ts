import { StringField } from '../../fastapi/validation/field.decorators.js';

/** Sign-in by JSON. */
export class LoginRequest {
  @StringField({ textLimit: Infinity, example: 'john' })
  username: string;

  @StringField({ textLimit: Infinity, secret: true, example: 'secure123' })
  password: string;
}
