import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldedSql } from '../platform/database/folded-sql.js';

const COLUMNS = ['username', 'email'] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Makes names and addresses unique under an expression that folds the same letters with every version of ICU. The
 * indexes of the former expression stay for processes of the previous release.
 */
export class FoldNewerLetters1770000800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) {
      const twins = await twinsIn(runner, column);
      // Accounts that differ only by such letters keep their names: each has a separate entry in the index.
      const place = twins.length === 0 ? '' : `, (CASE WHEN id IN (${twins.join(', ')}) THEN id ELSE 0 END)`;
      await runner.query(`CREATE UNIQUE INDEX uq_users_${column}_caseless ON users (${foldedSql(column)}${place})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await runner.query(`DROP INDEX uq_users_${column}_caseless`);
  }
}

/** Ids of the accounts that share a name or an address under the new expression. */
async function twinsIn(runner: QueryRunner, column: Column): Promise<number[]> {
  const groups = (await runner.query(
    `SELECT array_agg(id ORDER BY id) AS ids FROM users WHERE ${column} IS NOT NULL
      GROUP BY ${foldedSql(column)} HAVING count(*) > 1 ORDER BY min(id)`,
  )) as { ids: number[] }[];
  for (const { ids } of groups) {
    const accounts = `accounts ${ids.join(' and ')} have the same ${column} except for letter case`;
    runner.dataSource.logger.log('warn', `${accounts}: each signs in with its exact spelling; rename all but one`);
  }
  return groups.flatMap(({ ids }) => ids);
}
