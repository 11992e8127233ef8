import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { LogStream, writeToStderr } from './log-stream.js';
import { LogFile, stdout } from './log-targets.js';
import { createLogger, createPlainLogger } from './logger.js';

/** The loggers of a process. */
export interface Logs {
  logger: Logger;
  /** Logger of the access log. */
  access: Logger;
  /** Re-opens the files after logrotate has moved them. */
  reopen(): void;
}

interface OpenFile {
  file: LogFile;
  stream: LogStream;
}

/**
 * Opens the log: stdout, and with LOG_DIR `access.log` and `error.log`.
 *
 * @throws ConfigurationError when the files cannot be opened
 */
export function openLogs({ LOG_LEVEL: level, LOG_DIR, DEBUG }: PlatformSettings): Logs {
  // The reader of a stream may exit; a write to the stream must not end the process then.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const readable = DEBUG && process.stdout.isTTY;
  const destination = new LogStream(stdout);
  if (LOG_DIR === undefined) {
    const logger = createLogger({ level, readable, destination });
    return { logger, access: readable ? logger : createPlainLogger(level, destination), reopen: () => undefined };
  }
  const access = openFile(LOG_DIR, 'access.log');
  const errors = openFile(LOG_DIR, 'error.log');
  const logger = createLogger({ level, readable, destination, errors: errors.stream });
  return {
    logger,
    access: createPlainLogger(level, access.stream),
    reopen: () => {
      for (const file of [access, errors]) reopen(file);
      logger.info('re-opened the log files');
    },
  };
}

function openFile(folder: string, name: string): OpenFile {
  try {
    const file = new LogFile(resolve(folder, name));
    return { file, stream: new LogStream(file) };
  } catch (error) {
    const path = join(folder, name);
    throw new ConfigurationError(`LOG_DIR cannot be used: ${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Flushes earlier lines to the old file, then opens the new one. */
function reopen({ file, stream }: OpenFile): void {
  stream.flush();
  try {
    file.reopen();
  } catch (error) {
    writeToStderr(`${file.name} cannot be re-opened, and lines still go to the old file: ${(error as Error).message}`);
  }
}
