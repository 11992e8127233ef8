import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BearerTokenKind, type BearerVerifier, type ClientInfo } from '../../access/bearer-verifier.js';
import type { Principal } from '../../access/principal.js';

/** Verifies bearer tokens of every kind. Each kind is a provider with `@BearerTokenKind()`, in any module. */
@Injectable()
export class BearerVerifiers implements OnModuleInit {
  private kinds: readonly BearerVerifier[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const providers = this.discovery.getProviders({ metadataKey: BearerTokenKind.KEY });
    this.kinds = providers.map(({ instance }) => instance as BearerVerifier);
  }

  /**
   * @param token any text
   * @returns null for a token that is not valid
   */
  async verify(token: string, client: ClientInfo): Promise<Principal | null> {
    const kind = this.kinds.find((each) => each.accepts(token));
    return kind ? kind.verify(token, client) : null;
  }
}
