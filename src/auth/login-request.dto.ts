import { StringField } from '../fastapi/validation/field.decorators.js';

/** Sign-in by JSON. */
export class LoginRequest {
  @StringField({ example: 'john' })
  username: string;

  @StringField({ secret: true, example: 'secure123' })
  password: string;
}
