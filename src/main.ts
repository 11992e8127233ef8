import { exitWith } from './exit.js';
import { unsupportedNode } from './platform/config/node-support.js';
import { openLogs } from './platform/logging/logs.js';
import { serve } from './serve.js';
import { loadEnvironment } from './settings/load-environment.js';
import { Shutdown } from './shutdown.js';

/**
 * Whether `npm start` or `npm run dev` started this process directly. A process with an IPC channel belongs to a
 * process manager, even if npm started the manager.
 */
const isScriptOfNpm = (event: string | undefined): boolean =>
  (event === 'start' || event === 'dev') && process.send === undefined;

try {
  const { environment, warnings } = loadEnvironment(process.env);
  const logs = openLogs(environment);
  const { logger } = logs;
  // In a terminal, SIGHUP keeps its default: the process ends when the terminal is closed.
  if (environment.LOG_DIR !== undefined || !process.stdout.isTTY) process.on('SIGHUP', () => logs.reopen());
  for (const warning of warnings) logger.warn(warning);
  const outdated = unsupportedNode(process.versions.node, new Date());
  if (outdated) logger.warn(outdated);
  const shutdown = new Shutdown(logger, environment.DRAIN_SECONDS * 1000);
  if (isScriptOfNpm(process.env.npm_lifecycle_event)) shutdown.endWithParent();
  shutdown.guard(await serve(environment, logger, logs.access));
  process.send?.('ready');
} catch (error) {
  await exitWith(error);
}
