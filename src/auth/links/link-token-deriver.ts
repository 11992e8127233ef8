import { createHash, createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeyRing, type PerSecret } from '../../platform/config/key-ring.js';

/** 256 bits in base64url. */
const FORM = /^[A-Za-z0-9_-]{43}$/;

/**
 * Derives the token of a link from the random id of its row, so that the same link can be sent again although only its
 * hash is stored.
 */
@Injectable()
export class LinkTokenDeriver {
  private readonly keys: PerSecret<Buffer>;

  constructor(ring: KeyRing) {
    this.keys = ring.derive('link-token');
  }

  /** The token of a row that has no hash yet. */
  derive(id: string): string {
    return deriveToken(this.keys[0], id);
  }

  /** @returns the token with this hash; undefined if its key is no longer known */
  recover(id: string, hash: Buffer): string | undefined {
    return this.keys.map((key) => deriveToken(key, id)).find((token) => hashLinkToken(token).equals(hash));
  }
}

/** @returns whether the text can be a token at all */
export function isLinkToken(text: string): boolean {
  return FORM.test(text);
}

export function hashLinkToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function deriveToken(key: Buffer, id: string): string {
  return createHmac('sha256', key).update(id).digest('base64url');
}
