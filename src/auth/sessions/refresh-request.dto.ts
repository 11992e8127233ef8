import { StringField } from '../../fastapi/validation/field.decorators.js';
import { REFRESH_TOKEN_LENGTH } from './refresh-token.js';

const EXAMPLE = 'AQGas8J_EHwenSpbHwpsTogAAAAAb3BhcXVlIHRvIGV2ZXJ5Ym9keSBidXQgdGhlIHNlcnZlcg';

/** Of a client that keeps its refresh token itself; one with a cookie sends no body. */
export class RefreshRequest {
  @StringField({ textLimit: REFRESH_TOKEN_LENGTH, secret: true, example: EXAMPLE })
  refresh_token: string;
}

/** Only for who has no access token that is still good. */
export class LogoutRequest {
  @StringField({ optional: true, textLimit: REFRESH_TOKEN_LENGTH, secret: true, example: EXAMPLE })
  refresh_token: string | null;
}
