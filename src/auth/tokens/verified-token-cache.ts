import type { AccessTokenClaims } from './access-token.js';

/** About 4 MB when full. */
const CAPACITY = 5000;

/**
 * Access tokens whose signature has been verified, by their text: a client sends the same one for half an hour, and
 * verifying it anew costs a quarter of a request. Only what can never change is remembered: the expiry is looked at each
 * time, and the user is read from the database each time. A token that becomes valid later (`nbf`) is not remembered.
 */
export class VerifiedTokenCache {
  private readonly claims = new Map<string, Readonly<AccessTokenClaims>>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns undefined when the token has to be verified; an expired one has, and will be refused */
  find(token: string, nowSeconds: number): Readonly<AccessTokenClaims> | undefined {
    const claims = this.claims.get(token);
    if (!claims || claims.exp > nowSeconds) return claims;
    this.claims.delete(token);
    return undefined;
  }

  /** @param claims those of an access token that has just passed every check */
  set(token: string, claims: AccessTokenClaims & { nbf?: unknown }): void {
    if (claims.nbf !== undefined) return;
    // The oldest goes first: a Map keeps its entries in the order of their arrival.
    if (this.claims.size >= this.capacity) this.claims.delete(this.claims.keys().next().value ?? '');
    this.claims.set(token, Object.freeze({ ...claims }));
  }
}
