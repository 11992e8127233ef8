/**
 * Runs a command with the service's own database in libpq's variables: `node with-database.mjs COMMAND [ARGUMENT …]`.
 * The service reads the settings, so that nothing is read in two ways; a password stands in no list of processes.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseSettings } from '../dist/platform/config/database-settings.js';
import { loadEnvironment } from '../dist/platform/config/load-environment.js';
import { parsePostgresUrl } from '../dist/platform/config/postgres-url.js';

const EXIT_CONFIGURATION = 78;

function readSettings() {
  const caller = process.cwd();
  // Relative paths of the settings start where the service does.
  const folder = fileURLToPath(new URL('..', import.meta.url));
  process.chdir(folder);
  const { environment } = loadEnvironment(process.env);
  const database = databaseSettings(environment);
  process.chdir(caller);
  if (!database) throw new Error('No outside PostgreSQL is configured; the embedded one is for development.');
  const { BACKUP_DIR, DATABASE_URL, PGSSLROOTCERT } = environment;
  const authority = (DATABASE_URL && parsePostgresUrl(DATABASE_URL)?.sslRootCertificate) || PGSSLROOTCERT || 'system';
  return {
    PGHOST: database.host,
    PGPORT: String(database.port),
    PGDATABASE: database.database,
    PGUSER: database.user,
    PGPASSWORD: database.password,
    PGSSLMODE: database.sslMode,
    PGSSLROOTCERT: authorityFor(database.sslMode, authority, folder),
    BACKUP_DIR: BACKUP_DIR && resolve(folder, BACKUP_DIR),
  };
}

/** libpq would check against its own file in other modes too, where there is one. */
function authorityFor(sslMode, authority, folder) {
  if (!sslMode.startsWith('verify-')) return undefined;
  return authority === 'system' ? authority : resolve(folder, authority);
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
