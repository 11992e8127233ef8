import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { parse, stringify } from 'uuid';
import { KeyRing, type PerSecret, type Secret } from '../../platform/config/key-ring.js';

/** One token of a session's lineage. */
export interface RefreshToken {
  /** What the client keeps: 92 characters of base64url. */
  readonly text: string;
  readonly sessionId: string;
  /** 0 at the sign-in, one more with each refresh. */
  readonly generation: number;
  /** SHA-256 of the token, the only part that is stored. */
  readonly hash: Buffer;
}

const VERSION = 1;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;
/** Version, session, generation; the secret and the tag follow. */
const HEAD_BYTES = 1 + 16 + 4;
/**
 * Characters of a token. Its length in bytes is a multiple of three, so base64url has no spare bits and one spelling
 * only.
 */
export const REFRESH_TOKEN_LENGTH = 92;
const FORMAT = /^[A-Za-z0-9_-]+$/;

/** The keys of one secret. */
interface Keys {
  tag: Buffer;
  successor: Buffer;
}

/**
 * Makes and reads refresh tokens: `version ‖ session ‖ generation ‖ secret ‖ tag`.
 *
 * The secret of the first is random. That of each next one is the HMAC of its parent under a key of the server, so that
 * everybody who shows the same parent gets the same child, although only hashes are stored: several tabs at once make
 * one lineage. Who has the database has no token, and who has the key too has still no secret to derive from.
 *
 * The tag is an HMAC over the rest. It tells a token that was once issued from one that was made up, without a look into
 * the database: only a genuine one that is used up may end a session, so that nobody ends those of others by guessing.
 */
@Injectable()
export class RefreshTokens {
  /** A token of the previous secret stays valid; its next refresh issues one of the current secret. */
  private readonly keys: PerSecret<Keys>;

  constructor(ring: KeyRing) {
    this.keys = ring.each(keysOf);
  }

  /** The token that a sign-in gives. */
  issue(sessionId: string): RefreshToken {
    return this.encode(this.keys[0], sessionId, 0, randomBytes(SECRET_BYTES));
  }

  /** @returns undefined for what this service never issued */
  verify(text: string): RefreshToken | undefined {
    if (text.length !== REFRESH_TOKEN_LENGTH || !FORMAT.test(text)) return undefined;
    const bytes = Buffer.from(text, 'base64url');
    const signed = bytes.subarray(0, -TAG_BYTES);
    const given = bytes.subarray(-TAG_BYTES);
    const genuine = this.keys.some(({ tag }) => timingSafeEqual(tagOf(tag, signed), given));
    if (!genuine || bytes[0] !== VERSION) return undefined;
    const sessionId = stringify(bytes.subarray(1, 17));
    return { text, sessionId, generation: bytes.readUInt32BE(17), hash: sha256(bytes) };
  }

  /**
   * The children that a token may have: one for each key, that of the key in use first. Beside it because, while the key is
   * being changed, another process may have made the child with the other one.
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
