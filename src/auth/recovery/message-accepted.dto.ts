import { ApiSchema } from '@nestjs/swagger';
import { StringField } from '../../fastapi/validation/field.decorators.js';

/** The response to a request for a message, the same whether or not an account exists. */
@ApiSchema({ name: 'MessageAccepted' })
export class MessageAccepted {
  @StringField({ example: 'If this address belongs to an account, a message is on its way.' })
  message: string;

  static saying(message: string): MessageAccepted {
    return Object.assign(new MessageAccepted(), { message });
  }
}
