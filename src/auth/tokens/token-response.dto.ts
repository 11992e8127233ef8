import { ApiSchema } from '@nestjs/swagger';
import { IntegerField, StringField } from '../../fastapi/validation/field.decorators.js';

/** The answer to a sign-in (RFC 6749 section 5.1). */
@ApiSchema({ name: 'Token' })
export class TokenResponse {
  @StringField({ example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl' })
  access_token: string;

  @StringField({ example: 'bearer' })
  token_type: string;

  /** Seconds that the token lasts. */
  @IntegerField({ description: 'Seconds that the access token lasts.', example: 1800 })
  expires_in: number;

  /** Absent where it went into a cookie. */
  @StringField({
    optional: true,
    description: 'Gives the next access token, once. Absent where it went into a cookie.',
    example: 'AQGas8J_EHwenSpbHwpsTogAAAAAb3BhcXVlIHRvIGV2ZXJ5Ym9keSBidXQgdGhlIHNlcnZlcg',
  })
  refresh_token?: string;
}
