import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { LogStream, writeToStderr } from './log-stream.js';
import { LogFile, stdout } from './log-targets.js';
import { createLogger, createPlainLogger } from './logger.js';

/** Where a process writes what. */
export interface Logs {
  logger: Logger;
  /** For the one line a request. */
  access: Logger;
  /** Goes on in new files, after logrotate has moved the old ones away. */
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
  // Whoever reads them may go away; what is written beside the log must not end the process then.
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
      logger.info('opened the log files anew');
    },
  };
}

function openFile(folder: string, name: string): OpenFile {
  try {
    const file = new LogFile(resolve(folder, name));
    return { file, stream: new LogStream(file) };
  } catch (error) {
    const place = join(folder, name);
    throw new ConfigurationError(`LOG_DIR cannot be used: ${place} cannot be written: ${(error as Error).message}`);
  }
}

/** What was logged before belongs to the old file. */
function reopen({ file, stream }: OpenFile): void {
  stream.flush();
  try {
    file.reopen();
  } catch (error) {
    writeToStderr(`${file.name} cannot be opened anew, and goes on where it was: ${(error as Error).message}`);
  }
}
