import { ApiSchema } from '@nestjs/swagger';
import { IntegerField, StringField } from '../../fastapi/validation/field.decorators.js';

/** The response to a sign-in or a refresh (RFC 6749 section 5.1). */
@ApiSchema({ name: 'Token' })
export class TokenResponse {
  @StringField({ example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl' })
  access_token: string;

  @StringField({ example: 'bearer' })
  token_type: string;

  @IntegerField({ description: 'Lifetime of the access token in seconds.', example: 1800 })
  expires_in: number;

  @StringField({
    optional: true,
    description:
      'Exchange it once for a new access token and the next refresh token. Absent if the response sets it as a cookie.',
    example: 'AQGas8J_EHwenSpbHwpsTogAAAAAb3BhcXVlIHRvIGV2ZXJ5Ym9keSBidXQgdGhlIHNlcnZlcg',
  })
  refresh_token?: string;
}
