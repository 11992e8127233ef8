import { StringField } from '../../fastapi/validation/field.decorators.js';

/** The form of the OAuth2 password grant (RFC 6749 section 4.3.2), as Swagger UI sends it. */
export class LoginForm {
  @StringField({ optional: true, pattern: /^password$/, example: 'password' })
  grant_type: string | null;

  @StringField({ textLimit: Infinity, example: 'john' })
  username: string;

  @StringField({ textLimit: Infinity, format: 'password', secret: true, example: 'secure123' })
  password: string;

  @StringField({ default: '' })
  scope: string;

  @StringField({ optional: true })
  client_id: string | null;

  @StringField({ optional: true, format: 'password', secret: true })
  client_secret: string | null;
}
