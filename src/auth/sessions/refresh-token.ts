import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { parse, stringify } from 'uuid';
import { KeyRing, type PerSecret, type Secret } from '../../platform/config/key-ring.js';

/** One token of a session's lineage. */
export interface RefreshToken {
  /** The token as the client stores it: 92 characters of base64url. */
  readonly text: string;
  readonly sessionId: string;
  /** 0 at sign-in, incremented by each refresh. */
  readonly generation: number;
  /** SHA-256 of the token, the only part that is stored. */
  readonly hash: Buffer;
}

const VERSION = 1;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
/** Version, session, generation; the secret and the tag follow. */
const HEAD_BYTES = 1 + 16 + 4;
/** Characters of a token. The 69 bytes are a multiple of three, so the base64url form is unique. */
export const REFRESH_TOKEN_LENGTH = 92;
const FORMAT = /^[A-Za-z0-9_-]+$/;

/** The keys of one secret. */
interface Keys {
  tag: Buffer;
  successor: Buffer;
}

/**
 * Issues and verifies refresh tokens: `version ‖ session ‖ generation ‖ secret ‖ tag`.
 *
 * The secret of the first token is random. The secret of a child is the HMAC of its parent under a key of the server.
 * Therefore the same parent always gives the same child, although only hashes are stored, and tabs that refresh at the
 * same time share one lineage. Neither the database nor the key is enough to derive a token.
 *
 * The tag is an HMAC over the rest. It distinguishes genuine tokens from forged ones without a query. Only a genuine used
 * token can end a session, so guessed tokens cannot end the sessions of others.
 */
@Injectable()
export class RefreshTokens {
  /** Tokens of the previous secret stay valid. Their next refresh issues a token of the current secret. */
  private readonly keys: PerSecret<Keys>;

  constructor(ring: KeyRing) {
    this.keys = ring.each(keysOf);
  }

  /** Issues the first token of a session. */
  issue(sessionId: string): RefreshToken {
    return this.encode(this.keys[0], sessionId, 0, randomBytes(SECRET_BYTES));
  }

  /** @returns undefined for a token that this service did not issue */
  verify(text: string): RefreshToken | undefined {
    if (text.length !== REFRESH_TOKEN_LENGTH || !FORMAT.test(text)) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    const signed = bytes.subarray(0, -TAG_BYTES);
    const received = bytes.subarray(-TAG_BYTES);
    const isGenuine = this.keys.some(({ tag }) => timingSafeEqual(tagOf(tag, signed), received));
    if (!isGenuine || bytes[0] !== VERSION) return undefined;
    const sessionId = stringify(bytes.subarray(1, 17));
    return { text, sessionId, generation: bytes.readUInt32BE(17), hash: sha256(bytes) };
  }

  /**
   * The possible children of a token: one for each key, that of the current key first. During a key rotation, another
   * process may have derived the child with the other key.
   */
  successors({ text, sessionId, generation }: RefreshToken): [RefreshToken, ...RefreshToken[]] {
    const parent = Buffer.from(text, 'base64url');
    const child = (keys: Keys): RefreshToken =>
      this.encode(keys, sessionId, generation + 1, createHmac('sha256', keys.successor).update(parent).digest());
    const [current, ...previous] = this.keys;
    return [child(current), ...previous.map(child)];
  }

  private encode(keys: Keys, sessionId: string, generation: number, secret: Buffer): RefreshToken {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(VERSION, 0);
    head.set(parse(sessionId), 1);
    head.writeUInt32BE(generation, 17);
    const signed = Buffer.concat([head, secret]);
    const bytes = Buffer.concat([signed, tagOf(keys.tag, signed)]);
    return { text: bytes.toString('base64url'), sessionId, generation, hash: sha256(bytes) };
  }
}

function keysOf(secret: Secret): Keys {
  return { tag: secret.derive('refresh-token.tag'), successor: secret.derive('refresh-token.successor') };
}

function tagOf(key: Buffer, signed: Buffer): Buffer {
  return createHmac('sha256', key).update(signed).digest().subarray(0, TAG_BYTES);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
