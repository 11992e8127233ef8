/** Claims of an access token (RFC 7519 section 4.1). They grant no permissions; those are read from the database. */
export interface AccessTokenClaims {
  /** The user's id in decimal. */
  sub: string;
  /** Seconds since 1970. */
  iat: number;
  /** Seconds since 1970. */
  exp: number;
  /** UUID of this token. */
  jti: string;
  iss: string;
  aud: string;
  /** UUID of the session. */
  sid: string;
  /** Generation of the refresh token that was issued with it, 0 at sign-in; absent in tokens of the previous release. */
  gen?: number;
}

/** Maximum difference between the clocks of two machines. */
const CLOCK_SKEW_SECONDS = 60;

const MAX_ID = 2_147_483_647;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The user and the session of a verified token. */
export interface TokenSubject {
  userId: number;
  sessionId: string;
  /** Undefined for a token of the previous release. */
  generation: number | undefined;
}

/**
 * Reads the claims of a token whose signature, algorithm, issuer, audience and expiry have been verified. The library
 * accepts a token without `exp` and checks neither `iat` nor the form of `sub`. A token without `sid` is refused, because
 * it could not be revoked.
 *
 * @returns undefined for claims that are not those of an access token of this service
 */
export function parseSubject(claims: unknown, nowSeconds: number): TokenSubject | undefined {
  const { sub, iat, exp, jti, sid, gen } = (claims ?? {}) as Partial<Record<keyof AccessTokenClaims, unknown>>;
  if (!isTime(exp) || !isTime(iat) || typeof jti !== 'string') return undefined;
  if (exp <= iat || iat > nowSeconds + CLOCK_SKEW_SECONDS) return undefined;
  if (typeof sub !== 'string' || !/^[1-9]\d{0,9}$/.test(sub) || Number(sub) > MAX_ID) return undefined;
  if (typeof sid !== 'string' || !UUID.test(sid)) return undefined;
  if (gen !== undefined && !isGeneration(gen)) return undefined;
  return { userId: Number(sub), sessionId: sid, generation: gen };
}

function isGeneration(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** A NumericDate (RFC 7519 section 2). Must be finite: `JSON.parse` reads `1e999` as Infinity. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
