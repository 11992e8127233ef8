import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { derivedKeys } from '../platform/config/derived-keys.js';
import { Environment } from '../platform/config/environment.js';
import { foldedAddress } from './addresses.js';

/** Names addresses in the keys of limits, without storing them: accounts are created and deleted at will, addresses stay. */
@Injectable()
export class AddressKeys {
  private readonly keys: readonly Buffer[];

  constructor(environment: Environment) {
    this.keys = derivedKeys(environment, 'mail-address-limit');
  }

  /** @returns one name per key, so that counting goes on while SECRET_KEY is being changed */
  namesOf(address: string): string[] {
    const folded = foldedAddress(address);
    return this.keys.map((key) => createHmac('sha256', key).update(folded).digest('base64url'));
  }
}
