import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { v7 as uuid } from 'uuid';
import { LifetimeSettings } from './lifetime.settings.js';
import { accessTokenSeconds } from './lifetime.settings.js';
import { SigningKeys } from './signing-keys.js';
import { TokenResponse } from './token-response.dto.js';

interface IssuedFor {
  sessionId: string;
  generation: number;
  refreshToken: string;
}

/** Issues access tokens. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
    private readonly settings: LifetimeSettings,
  ) {}

  /** Issues an access token for a session. The response includes the given refresh token. */
  async issue(userId: number, session: IssuedFor): Promise<TokenResponse> {
    const claims = { sid: session.sessionId, gen: session.generation };
    const response = new TokenResponse();
    const { id: keyid, key: privateKey } = this.keys.signer;
    const options = { subject: String(userId), jwtid: uuid(), keyid, privateKey };
    response.access_token = await this.jwt.signAsync(claims, options);
    response.token_type = 'bearer';
    response.expires_in = accessTokenSeconds(this.settings);
    response.refresh_token = session.refreshToken;
    return response;
  }
}
