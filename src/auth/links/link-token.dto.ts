import { StringField } from '../../fastapi/validation/field.decorators.js';

/** Characters of a link token: 256 bits in base64url. */
export const LINK_TOKEN_LENGTH = 43;

/** The token of a link, which follows `#token=` in its URL. */
export class LinkToken {
  @StringField({ textLimit: LINK_TOKEN_LENGTH, secret: true, example: 'kzVPqFQnrB1o4ePdkJ2SxRk0mCw9hYtA7uLZf3vD5Ns' })
  token: string;
}
