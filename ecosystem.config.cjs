/**
 * The service under PM2: `pm2 start ecosystem.config.cjs`, from any folder, or `pm2-runtime` in a container or under
 * systemd. docs/operations/processes.md describes how to start, reload and stop it.
 */
const { existsSync, readFileSync } = require('node:fs');
const { availableParallelism, devNull } = require('node:os');
const path = require('node:path');

/** Of the processes and of a relative ENV_FILE, whatever folder pm2 is called in. */
const folder = __dirname;
const dist = path.join(folder, 'dist');
if (!existsSync(dist)) throw new Error(`The service is not built: run \`npm ci && npm run build\` in ${folder}.`);

// ES modules, which Node loads with require() since 20.19.
const { parseEnvFile } = require(path.join(dist, 'platform', 'config', 'env-file.js'));
const { loadEnvironment } = require(path.join(dist, 'settings', 'load-environment.js'));

/** The settings file as the processes will find it, or an empty one. */
const named = path.resolve(folder, process.env.ENV_FILE || '.env');
const file = process.env.ENV_FILE || existsSync(named) ? named : devNull;

/**
 * Throws for settings that the service would refuse. PM2 would find out by starting processes that end at once, and a
 * reload stops the old ones even then.
 */
const { environment } = loadEnvironment({ ...process.env, ENV_FILE: file });
const hasDatabase = Boolean(environment.DATABASE_URL || environment.PGHOST);

/**
 * One process a core: each serves thousands of requests at once, so a second one on the same core only costs memory and
 * connections to the database. (The 2 to 4 workers a core that gunicorn asks for are for workers that block, one request
 * each.) The embedded database serves one process only.
 */
const isGiven = process.env.WORKERS || parseEnvFile(readFileSync(file, 'utf8')).values.get('WORKERS');
const byDefault = hasDatabase ? availableParallelism() : 1;
const workers = isGiven ? environment.WORKERS : byDefault;

module.exports = {
  apps: [
    {
      name: 'nest-auth-backend',
      cwd: folder,
      script: path.join(dist, 'main.js'),
      // Without an outside database there is one process, and a new one must not start before the old one has ended: in
      // fork mode `pm2 reload` is a restart.
      exec_mode: hasDatabase ? 'cluster' : 'fork',
      instances: workers,
      // Each process has to know how many share the cores and the database's connections.
      env: { WORKERS: String(workers) },

      // A process counts as started when it says so: database reached, schema up to date, listening.
      wait_ready: true,
      // A reload stops the old process after this time, whether or not the new one is ready. Run migrations that take
      // longer beforehand (node dist/cli.js migration:run).
      listen_timeout: 30_000,
      // Then PM2 kills. The service ends by itself within DRAIN_SECONDS and two more.
      kill_timeout: (environment.DRAIN_SECONDS + 4) * 1000,

      // 78: the settings are wrong, and starting again cannot mend them.
      stop_exit_codes: [78],
      // 100 ms, then longer up to 15 s: a crash is mended at once, a crash loop burns no core.
      exp_backoff_restart_delay: 100,
      // Three times what a busy process takes. PM2 reloads it, without losing a request.
      max_memory_restart: '600M',

      // One file for all processes, and no second time stamp: each line has its own, and the process's id.
      merge_logs: true,
      time: false,
      // PM2's own probes and the source maps (slow stack traces) stay out of the process.
      pmx: false,
      disable_source_map_support: true,
    },
  ],
};
