import type { AccessTokenClaims } from './access-token.js';

/** Tokens; about 4 MB when full. */
const CAPACITY = 5000;

/**
 * Caches the claims of access tokens whose signature has been verified. Clients send the same token many times, and
 * verifying it takes a quarter of the time of a request. The expiry is checked and the user is read from the database at
 * each request. Tokens with `nbf` are not cached.
 */
export class VerifiedTokenCache {
  private readonly claims = new Map<string, Readonly<AccessTokenClaims>>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns undefined if the token has to be verified, which includes expired tokens */
  find(token: string, nowSeconds: number): Readonly<AccessTokenClaims> | undefined {
    const claims = this.claims.get(token);
    if (!claims || claims.exp > nowSeconds) return claims;
    this.claims.delete(token);
    return undefined;
  }

  /** @param claims the claims of a token that has passed every check */
  set(token: string, claims: AccessTokenClaims & { nbf?: unknown }): void {
    if (claims.nbf !== undefined) return;
    // Removes the oldest token: a Map keeps its entries in insertion order.
    if (this.claims.size >= this.capacity) this.claims.delete(this.claims.keys().next().value ?? '');
    this.claims.set(token, Object.freeze({ ...claims }));
  }
}
