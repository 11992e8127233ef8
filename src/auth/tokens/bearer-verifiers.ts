import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { BearerTokenKind, type BearerVerifier, type ClientInfo } from '../../access/bearer-verifier.js';
import type { Principal } from '../../access/principal.js';

/** Verifies bearer tokens of every kind. The verifier of a kind is a provider with `@BearerTokenKind()` in any module. */
@Injectable()
export class BearerVerifiers implements OnModuleInit {
  private verifiers: readonly BearerVerifier[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    const providers = this.discovery.getProviders({ metadataKey: BearerTokenKind.KEY });
    this.verifiers = providers.map(({ instance }) => instance as BearerVerifier);
  }

  /**
   * @param token any text
   * @returns null for an invalid token
   */
  async verify(token: string, client: ClientInfo): Promise<Principal | null> {
    const verifier = this.verifiers.find((candidate) => candidate.accepts(token));
    return verifier ? verifier.verify(token, client) : null;
  }
}
