import { EmailField } from '../../fastapi/validation/field.decorators.js';

/** The body of a request for a link: the address of an account. */
export class EmailAddress {
  @EmailField({ maxLength: 100, example: 'john@example.com' })
  email: string;
}
