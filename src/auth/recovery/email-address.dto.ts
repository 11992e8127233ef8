import { EmailField } from '../../fastapi/validation/field.decorators.js';

/** An address that a message is to go to, where an account has it. */
export class EmailAddress {
  @EmailField({ maxLength: 100, example: 'john@example.com' })
  email: string;
}
