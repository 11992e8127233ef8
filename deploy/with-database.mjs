/**
 * Runs a command with libpq's variables set to the service's database: `node with-database.mjs COMMAND [ARGUMENT …]`.
 * Uses the service's own code to read the settings. Environment variables keep the password out of the process list.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseSettings, sessionDatabase } from '../dist/platform/config/database-settings.js';
import { loadEnvironment } from '../dist/settings/load-environment.js';

const EXIT_CONFIGURATION = 78;

function readSettings() {
  const caller = process.cwd();
  // Relative paths in the settings start in the folder of the service.
  const folder = fileURLToPath(new URL('..', import.meta.url));
  process.chdir(folder);
  const { environment } = loadEnvironment(process.env);
  const configured = databaseSettings(environment);
  process.chdir(caller);
  if (!configured) throw new Error('No external PostgreSQL is configured; the embedded one is for development only.');
  const database = sessionDatabase(configured);
  if (!database) throw new Error('PostgreSQL programs need a session-mode connection: set DATABASE_DIRECT_URL.');
  const { authority, certificate, key } = database.tlsFiles;
  const inFolder = (file) => file && (file === 'system' ? file : resolve(folder, file));
  const isVerified = database.sslMode.startsWith('verify-');
  return {
    PGHOST: database.host,
    PGPORT: String(database.port),
    PGDATABASE: database.database,
    PGUSER: database.user,
    PGPASSWORD: database.password,
    PGSSLMODE: database.sslMode,
    // Without this variable libpq requires ~/.postgresql/root.crt.
    PGSSLROOTCERT: inFolder(authority) ?? (isVerified ? 'system' : undefined),
    PGSSLCERT: inFolder(certificate),
    PGSSLKEY: inFolder(key),
    PGOPTIONS: optionsOf(database.parameters),
    BACKUP_DIR: environment.BACKUP_DIR && resolve(folder, environment.BACKUP_DIR),
  };
}

/** Undefined if there are no options: PgBouncer also refuses empty ones. */
function optionsOf(parameters) {
  const options = Object.entries(parameters).map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`);
  return options.length > 0 ? options.join(' ') : undefined;
}

function run(settings) {
  const [command, ...parameters] = process.argv.slice(2);
  const environment = { ...process.env, ...settings };
  const child = spawn(command, parameters, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error, 1));
  child.on('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(error, status) {
  process.stderr.write(`${error.message}\n`);
  process.exit(status);
}

try {
  run(readSettings());
} catch (error) {
  fail(error, EXIT_CONFIGURATION);
}
