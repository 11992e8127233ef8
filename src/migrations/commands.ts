import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import {
  executedMigrations,
  migrate,
  migrationDataSource,
  migrationNames,
  withMigrationLock,
} from '../platform/database/migrate.js';
import { migrationSource } from './migration-source.js';
import type { AdoptionSettings } from './adoption.settings.js';
import { schema, schemaFor } from './schema.js';

/** The folder of new migrations, relative to the project. */
const FOLDER = join('src', 'migrations');

/** Brings the database up to date, as every start of the service does. */
export async function runMigrations(
  settings: DatabaseSettings,
  logger: Logger,
  environment: AdoptionSettings,
): Promise<string> {
  const ran = await migrate(settings, schemaFor(environment), logger);
  return ran.length === 0 ? 'The database is up to date.' : `Ran ${ran.join(', ')}.`;
}

/**
 * Reverts the newest migration.
 *
 * @throws ConfigurationError when this build does not contain it
 */
export async function revertMigration(settings: DatabaseSettings, logger: Logger): Promise<string> {
  return withMigrationLock(settings, logger, async () => {
    const dataSource = await migrationDataSource(settings, schema, logger).initialize();
    try {
      const newest = (await executedMigrations(dataSource))?.at(-1);
      if (newest === undefined) return 'There is no migration to revert.';
      if (!migrationNames(schema).includes(newest)) {
        throw new ConfigurationError(
          `${newest} belongs to another build: revert it in the folder of the build that contains it.`,
        );
      }
      await dataSource.undoLastMigration();
      return `Reverted ${newest}.`;
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Writes a migration with the differences between the entities and the database, after pending migrations have run. */
export async function generateMigration(
  settings: DatabaseSettings,
  logger: Logger,
  name: string,
  environment: AdoptionSettings,
): Promise<string> {
  await migrate(settings, schemaFor(environment), logger);
  const dataSource = await migrationDataSource(settings, schema, logger).initialize();
  try {
    const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
    if (upQueries.length === 0) return 'The database matches the entities: there is nothing to generate.';
    return write(name, upQueries, downQueries.toReversed());
  } finally {
    await dataSource.destroy();
  }
}

/** Writes an empty migration. */
export function createMigration(name: string): string {
  return write(name, [], []);
}

interface Statement {
  query: string;
}

function write(name: string, up: readonly Statement[], down: readonly Statement[]): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new ConfigurationError(
      `The name of a migration must be in kebab-case, such as create-sessions, not ${JSON.stringify(name)}.`,
    );
  }
  if (!existsSync(FOLDER))
    throw new ConfigurationError(`The folder ${FOLDER} does not exist: run the command in the folder of the project.`);
  const timestamp = Date.now();
  const { className, text } = migrationSource(name, timestamp, up, down);
  const file = join(FOLDER, `${timestamp}-${name}.ts`);
  writeFileSync(file, text, { flag: 'wx' });
  return `Wrote ${file}. Add ${className} to the list in ${join(FOLDER, 'schema.ts')}.`;
}
