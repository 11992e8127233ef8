import { StringField } from '../../fastapi/validation/field.decorators.js';
import { REFRESH_TOKEN_LENGTH } from './refresh-token.js';

const EXAMPLE = 'AQGas8J_EHwenSpbHwpsTogAAAAAb3BhcXVlIHRvIGV2ZXJ5Ym9keSBidXQgdGhlIHNlcnZlcg';

/** Body of a refresh. Clients in cookie mode send none. */
export class RefreshRequest {
  @StringField({ textLimit: REFRESH_TOKEN_LENGTH, secret: true, example: EXAMPLE })
  refresh_token: string;
}

/** Body of a logout without a valid access token. */
export class LogoutRequest {
  @StringField({ optional: true, textLimit: REFRESH_TOKEN_LENGTH, secret: true, example: EXAMPLE })
  refresh_token: string | null;
}
