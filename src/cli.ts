import { acknowledgeAuditLosses, type CommandResult, sealAudit, verifyAudit } from './audit/audit-commands.js';
import { examineService } from './doctor/doctor.js';
import { endWith } from './exit.js';
import { createMigration, generateMigration, revertMigration, runMigrations } from './migrations/commands.js';
import { ConfigurationError } from './platform/config/configuration-error.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import type { Environment } from './platform/config/environment.js';
import { loadEnvironment } from './platform/config/load-environment.js';
import { reachDatabase } from './dev-database/reach-database.js';
import { retryJobs, showFailedJobs } from './jobs/job-commands.js';
import { createLogger } from './platform/logging/logger.js';

const USAGE = `Usage: node dist/cli.js COMMAND

  migration:run             bring the database up to date, as every start does
  migration:revert          take the newest migration back
  migration:generate NAME   write a migration from what the entities have and the database lacks
  migration:create NAME     write an empty migration
  doctor [--json]           look whether all is fit for production; exit code 1 when something is not
  jobs:failed               list the jobs that failed as often as they may
  jobs:retry ID | --all     have them done after all
  audit:verify [--json] [--anchor SEQ:HASH]
                            prove the audit log against its seals; exit code 2 when it is broken
  audit:seal                seal the audit log now
  audit:acknowledge ID …    take note of events that were lost before their seal
`;

type Logger = ReturnType<typeof createLogger>;

/** A command that needs the database of the settings. */
type DatabaseCommand = (
  settings: DatabaseSettings,
  logger: Logger,
  name: string,
  environment: Environment,
) => Promise<string>;
const ON_DATABASE = new Map<string, DatabaseCommand>([
  ['migration:run', async (settings, logger, _name, environment) => runMigrations(settings, logger, environment)],
  ['migration:revert', revertMigration],
  ['migration:generate', generateMigration],
  ['jobs:failed', showFailedJobs],
  ['jobs:retry', retryJobs],
]);

const TAKES_NAME = new Set(['migration:generate', 'jobs:retry']);

type AuditCommand = (settings: DatabaseSettings, logger: Logger, options: readonly string[]) => Promise<CommandResult>;
const ON_AUDIT = new Map<string, AuditCommand>([
  ['audit:verify', verifyAudit],
  ['audit:seal', sealAudit],
  ['audit:acknowledge', acknowledgeAuditLosses],
]);

async function onDatabase<T>(
  command: (settings: DatabaseSettings, logger: Logger, environment: Environment) => Promise<T>,
): Promise<T> {
  const { environment } = loadEnvironment(process.env);
  const logger = createLogger({ level: environment.LOG_LEVEL, readable: true });
  const database = await reachDatabase(environment, logger);
  try {
    return await command(database.settings, logger, environment);
  } finally {
    await database.stop();
  }
}

async function audit(command: AuditCommand, options: string[]): Promise<string> {
  const { text, exitCode } = await onDatabase(async (settings, logger) => command(settings, logger, options));
  process.exitCode = exitCode;
  return text;
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
  const onAudit = ON_AUDIT.get(command);
  if (onAudit)
    return audit(
      onAudit,
      [name, ...rest].filter((option) => option !== ''),
    );
  const asked = ON_DATABASE.get(command);
  if (!asked) throw new ConfigurationError(command === '' ? USAGE : `There is no command ${command}.\n\n${USAGE}`);
  const surplus = TAKES_NAME.has(command) ? rest : [name, ...rest].filter((each) => each !== '');
  if (surplus.length > 0) throw new ConfigurationError(`${command} takes no ${surplus.join(' ')}.\n\n${USAGE}`);
  return onDatabase(async (settings, logger, environment) => asked(settings, logger, name, environment));
}

try {
  process.stdout.write(`${await run(process.argv.slice(2))}\n`);
} catch (error) {
  await endWith(error);
}
