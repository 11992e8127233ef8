import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyRing } from '../platform/config/key-ring.js';
import { foldedSql } from '../platform/database/folded-sql.js';

const FOLD = `SELECT ${foldedSql('$1::text')} AS folded`;

/** Keys that stand for addresses in the limits, without storing the addresses. */
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
   * The database folds the address in the same way as for the unique index.
   *
   * @param address at most as long as the column
   * @returns one name per secret key, so that counting continues while SECRET_KEY is changed
   */
  async hash(address: string): Promise<string[]> {
    const [{ folded = '' } = {}] = await this.dataSource.query<{ folded?: string }[]>(FOLD, [address]);
    return this.keys.map((key) => createHmac('sha256', key).update(folded).digest('base64url'));
  }
}
