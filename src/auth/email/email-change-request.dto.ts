import { EmailField, StringField } from '../../fastapi/validation/field.decorators.js';

/** A wish for another address. */
export class EmailChangeRequest {
  @EmailField({ maxLength: 100, example: 'john@example.org' })
  email: string;

  @StringField({ secret: true, example: 'secure123' })
  current_password: string;
}
