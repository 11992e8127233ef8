import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldedSql } from '../platform/database/folded-sql.js';

const COLUMNS = ['username', 'email'] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Makes names and addresses unique by an expression that folds the same letters in every version of ICU. The indexes of
 * the former expression remain for processes of the previous release.
 */
export class FoldNewerLetters1770000800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) {
      const duplicates = await duplicatesIn(runner, column);
      // Accounts that differ only in such letters keep their names, with a separate entry in the index for each.
      const suffix = duplicates.length === 0 ? '' : `, (CASE WHEN id IN (${duplicates.join(', ')}) THEN id ELSE 0 END)`;
      await runner.query(`CREATE UNIQUE INDEX uq_users_${column}_caseless ON users (${foldedSql(column)}${suffix})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await runner.query(`DROP INDEX uq_users_${column}_caseless`);
  }
}

/** Ids of the accounts whose names or addresses are equal by the new expression. */
async function duplicatesIn(runner: QueryRunner, column: Column): Promise<number[]> {
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
