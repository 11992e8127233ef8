import { StringField } from '../../fastapi/validation/field.decorators.js';

/** What the link of a message carries behind `#token=`. */
export class LinkToken {
  @StringField({ secret: true, example: 'kzVPqFQnrB1o4ePdkJ2SxRk0mCw9hYtA7uLZf3vD5Ns' })
  token: string;
}
