import { DiscoveryService } from '@nestjs/core';
import type { Principal } from './principal.js';

/** The client that presents a token, over HTTP or a WebSocket. */
export interface ClientInfo {
  /** An IP address, or `unknown`. */
  readonly address: string;
  readonly userAgent: string | null;
}

/** Verifies bearer tokens of one kind. */
export interface BearerVerifier {
  /**
   * Whether the token has the form of this kind. Selects the verifier, so the forms of two kinds must not overlap.
   *
   * @param token any string
   */
  accepts(token: string): boolean;

  /**
   * @param token a string for which `accepts` returned true
   * @returns null if the token is forged, expired or revoked, or its user is disabled or deleted
   */
  verify(token: string, client: ClientInfo): Promise<Principal | null>;
}

/** Registers a provider that implements `BearerVerifier` as the verifier of one kind of token. */
export const BearerTokenKind = DiscoveryService.createDecorator();
