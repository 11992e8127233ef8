import type { DataSource } from 'typeorm';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrationDataSource } from '../../src/platform/database/migrate.js';
import { silentLogger } from './silent-logger.js';

/** Connects like a migration, with every entity and migration. */
export async function withDataSource<T>(
  database: DatabaseSettings,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await migrationDataSource(database, schema, silentLogger).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
