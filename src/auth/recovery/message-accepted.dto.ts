import { ApiSchema } from '@nestjs/swagger';
import { StringField } from '../../fastapi/validation/field.decorators.js';

/** The answer to the wish for a message, whether there is anybody to send it to or not. */
@ApiSchema({ name: 'MessageAccepted' })
export class MessageAccepted {
  @StringField({ example: 'If there is such an account, a message is on its way.' })
  message: string;

  static saying(message: string): MessageAccepted {
    return Object.assign(new MessageAccepted(), { message });
  }
}
