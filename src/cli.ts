import { examineService } from './doctor/doctor.js';
import { endWith } from './exit.js';
import { createMigration, generateMigration, revertMigration, runMigrations } from './migrations/commands.js';
import { ConfigurationError } from './platform/config/configuration-error.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import { loadEnvironment } from './platform/config/load-environment.js';
import { reachDatabase } from './platform/database/reach-database.js';
import { createLogger } from './platform/logging/logger.js';

const USAGE = `Usage: node dist/cli.js COMMAND

  migration:run             bring the database up to date, as every start does
  migration:revert          take the newest migration back
  migration:generate NAME   write a migration from what the entities have and the database lacks
  migration:create NAME     write an empty migration
  doctor [--json]           look whether all is fit for production; exit code 1 when something is not
`;

type Logger = ReturnType<typeof createLogger>;

/** A command that needs the database of the settings. */
type DatabaseCommand = (settings: DatabaseSettings, logger: Logger, name: string) => Promise<string>;
const ON_DATABASE = new Map<string, DatabaseCommand>([
  ['migration:run', runMigrations],
  ['migration:revert', revertMigration],
  ['migration:generate', generateMigration],
]);

async function onDatabase(command: DatabaseCommand, name: string): Promise<string> {
  const { environment } = loadEnvironment(process.env);
  const logger = createLogger({ level: environment.LOG_LEVEL, readable: true });
  const database = await reachDatabase(environment, logger);
  try {
    return await command(database.settings, logger, name);
  } finally {
    await database.stop();
  }
}

async function doctor(options: string[]): Promise<string> {
  if (options.some((option) => option !== '--json'))
    throw new ConfigurationError(`doctor knows --json only.\n\n${USAGE}`);
  const colours = process.stdout.isTTY && !process.env.NO_COLOR;
  const { text, exitCode } = await examineService(process.env, { json: options.includes('--json'), colours });
  process.exitCode = exitCode;
  return text;
}

async function run([command = '', name = '', ...rest]: string[]): Promise<string> {
  if (command === 'doctor') return doctor([name, ...rest].filter((option) => option !== ''));
  if (command === 'migration:create') return createMigration(name);
  const asked = ON_DATABASE.get(command);
  if (!asked) throw new ConfigurationError(command === '' ? USAGE : `There is no command ${command}.\n\n${USAGE}`);
  return onDatabase(asked, name);
}

try {
  process.stdout.write(`${await run(process.argv.slice(2))}\n`);
} catch (error) {
  await endWith(error);
}
