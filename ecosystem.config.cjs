/**
 * The service under PM2: `pm2 start ecosystem.config.cjs` from any folder, or `pm2-runtime` in a container or under
 * systemd. docs/operations/processes.md describes how to start, reload and stop it.
 */
const { existsSync, readFileSync } = require('node:fs');
const { availableParallelism, devNull } = require('node:os');
const path = require('node:path');

/** The working directory of the processes and the base of a relative ENV_FILE, whatever folder pm2 runs in. */
const folder = __dirname;
const dist = path.join(folder, 'dist');
if (!existsSync(dist)) throw new Error(`The service is not built: run \`npm ci && npm run build\` in ${folder}.`);

// These are ES modules, which Node.js loads with require() since 20.19.
const { parseEnvFile } = require(path.join(dist, 'platform', 'config', 'env-file.js'));
const { loadEnvironment } = require(path.join(dist, 'settings', 'load-environment.js'));

/** The settings file that the processes will read, or an empty file. */
const named = path.resolve(folder, process.env.ENV_FILE || '.env');
const file = process.env.ENV_FILE || existsSync(named) ? named : devNull;

/**
 * Throws on invalid settings. Otherwise PM2 would start processes that exit at once, and a reload would still stop the
 * old ones.
 */
const { environment } = loadEnvironment({ ...process.env, ENV_FILE: file });
const hasDatabase = Boolean(environment.DATABASE_URL || environment.PGHOST);

/**
 * One process per core: each serves thousands of concurrent requests, so a second one on the same core only costs memory
 * and database connections. (gunicorn recommends 2 to 4 workers per core because its workers block on one request each.)
 * The embedded database serves one process only.
 */
const isSet = process.env.WORKERS || parseEnvFile(readFileSync(file, 'utf8')).values.get('WORKERS');
const byDefault = hasDatabase ? availableParallelism() : 1;
const workers = isSet ? environment.WORKERS : byDefault;

module.exports = {
  apps: [
    {
      name: 'nest-auth-backend',
      cwd: folder,
      script: path.join(dist, 'main.js'),
      // The embedded database allows one process, and a new one must not start before the old one has exited: in fork mode
      // `pm2 reload` is a restart.
      exec_mode: hasDatabase ? 'cluster' : 'fork',
      instances: workers,
      // Each process must know how many processes share the cores and the database connections.
      env: { WORKERS: String(workers) },

      // A process reports ready itself: database reached, schema up to date, listening.
      wait_ready: true,
      // A reload stops the old process after this time even if the new one is not ready. Run longer migrations beforehand
      // (node dist/cli.js migration:run).
      listen_timeout: 30_000,
      // PM2 sends SIGKILL after this time. The service exits within DRAIN_SECONDS plus two seconds.
      kill_timeout: (environment.DRAIN_SECONDS + 4) * 1000,

      // 78: the settings are invalid, so a restart cannot help.
      stop_exit_codes: [78],
      // From 100 ms up to 15 s: a crash is repaired at once, and a crash loop does not occupy a core.
      exp_backoff_restart_delay: 100,
      // Three times the memory of a busy process. PM2 reloads it without losing a request.
      max_memory_restart: '600M',

      // One file for all processes. PM2 adds no time stamp: each line has one, and the process id.
      merge_logs: true,
      time: false,
      // Without PM2's own probes, and without source maps, which slow down stack traces.
      pmx: false,
      disable_source_map_support: true,
    },
  ],
};
