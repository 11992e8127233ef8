import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { derivedKeys } from '../platform/config/derived-keys.js';
import { Environment } from '../platform/config/environment.js';
import { foldedSql } from '../platform/database/folded-sql.js';

const FOLD = `SELECT ${foldedSql('$1::text')} AS folded`;

/** Names addresses in the keys of limits, without storing them: accounts are created and deleted at will, addresses stay. */
@Injectable()
export class AddressKeys {
  private readonly keys: readonly Buffer[];

  constructor(
    private readonly dataSource: DataSource,
    environment: Environment,
  ) {
    this.keys = derivedKeys(environment, 'mail-address-limit');
  }

  /**
   * The database folds the address, as it does for the unique index: one folding decides everywhere.
   *
   * @param address at most as long as the column
   * @returns one name per key, so that counting goes on while SECRET_KEY is being changed
   */
  async namesOf(address: string): Promise<string[]> {
    const [{ folded = '' } = {}] = await this.dataSource.query<{ folded?: string }[]>(FOLD, [address]);
    return this.keys.map((key) => createHmac('sha256', key).update(folded).digest('base64url'));
  }
}
