import { createHash, createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeyRing, type PerSecret } from '../../platform/config/key-ring.js';

/** 256 bits in base64url. */
const FORMAT = /^[A-Za-z0-9_-]{43}$/;

/**
 * Derives the token of a link from the random id of its row. This way the same link can be sent again, although only the
 * hash of its token is stored.
 */
@Injectable()
export class LinkTokenDeriver {
  private readonly keys: PerSecret<Buffer>;

  constructor(ring: KeyRing) {
    this.keys = ring.derive('link-token');
  }

  /** Derives the token of a row with the current key. */
  derive(id: string): string {
    return deriveToken(this.keys[0], id);
  }

  /** @returns the token of a row with this hash; undefined if its key is no longer configured */
  recover(id: string, hash: Buffer): string | undefined {
    return this.keys.map((key) => deriveToken(key, id)).find((token) => hashLinkToken(token).equals(hash));
  }
}

/** Whether a string has the format of a token. */
export function isLinkToken(text: string): boolean {
  return FORMAT.test(text);
}

export function hashLinkToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function deriveToken(key: Buffer, id: string): string {
  return createHmac('sha256', key).update(id).digest('base64url');
}
