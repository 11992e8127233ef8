import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import type { ClientInfo } from '../../access/bearer-verifier.js';
import type { Principal } from '../../access/principal.js';
import { headerText } from '../../platform/http/caller.js';
import { plainAddress } from '../../platform/http/client-key.js';
import { bearerToken } from '../tokens/bearer-token.js';
import { BearerVerifiers } from '../tokens/bearer-verifiers.js';

interface BearerRequest {
  headers: IncomingHttpHeaders;
  ip?: string | undefined;
}

/** The `jwt` strategy of the global guard. Passes the bearer token of a request to the verifiers. */
@Injectable()
export class JwtStrategy extends PassportStrategy(passport.Strategy, 'jwt') {
  constructor(private readonly verifiers: BearerVerifiers) {
    super();
  }

  override authenticate(request: BearerRequest): void {
    this.validate(request).then(
      (principal) => (principal ? this.success(principal) : this.fail()),
      (error: unknown) => this.error(error),
    );
  }

  async validate(request: BearerRequest): Promise<Principal | null> {
    const token = bearerToken(request);
    return token === null ? null : this.verifiers.verify(token, new RequestClient(request));
  }
}

/** Computes the address and the user agent only if a verifier reads them. */
class RequestClient implements ClientInfo {
  constructor(private readonly request: BearerRequest) {}

  get address(): string {
    return plainAddress(this.request.ip);
  }

  get userAgent(): string | null {
    return headerText(this.request.headers['user-agent']);
  }
}
