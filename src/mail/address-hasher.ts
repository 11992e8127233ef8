import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyRing } from '../platform/config/key-ring.js';
import { foldedSql } from '../platform/database/folded-sql.js';

const FOLD = `SELECT ${foldedSql('$1::text')} AS folded`;

/** Derives the keys under which limits count an address, so that the address itself is not stored. */
@Injectable()
export class AddressHasher {
  private readonly keys: readonly Buffer[];

  constructor(
    private readonly dataSource: DataSource,
    ring: KeyRing,
  ) {
    this.keys = ring.derive('mail.address-name');
  }

  /**
   * Hashes an address after the database has folded it as for the unique index.
   *
   * @param address at most as long as the column
   * @returns one hash per secret key, so that the counts survive a change of SECRET_KEY
   */
  async hash(address: string): Promise<string[]> {
    const [{ folded = '' } = {}] = await this.dataSource.query<{ folded?: string }[]>(FOLD, [address]);
    return this.keys.map((key) => createHmac('sha256', key).update(folded).digest('base64url'));
  }
}
