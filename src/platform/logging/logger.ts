import { type DestinationStream, type Logger, pino } from 'pino';
import { escapeControls } from './control-characters.js';
import { serializeError } from './error-serializer.js';
import { LogStream } from './log-stream.js';
import { stdout } from './log-targets.js';
import { readableLines } from './readable-lines.js';
import { MASK, secretPaths } from './redaction.js';
import { currentRequestId, REQUEST_ID_FIELD } from './request-context.js';

export interface LoggingOptions {
  /** The least severe level that is written. */
  level: string;
  /** Whether to write readable lines for a person at a terminal instead of JSON. */
  readable: boolean;
  /** Destination of the lines; stdout by default. */
  destination?: DestinationStream & { flush?: () => void };
  /** A second destination of warnings and errors, always as JSON. */
  errors?: LogStream;
}

/** Whether the level includes lines that are for debugging only. */
export function isDebugging(level: string): boolean {
  return level === 'debug' || level === 'trace';
}

let moment = { at: 0, text: '' };

/**
 * The time in RFC 3339, UTC. Cached per millisecond, because formatting it takes half as long as the rest of a line.
 */
function timestamp(): string {
  const now = Date.now();
  if (now !== moment.at) moment = { at: now, text: `,"time":"${new Date(now).toISOString()}"` };
  return moment.text;
}

const common = { base: { pid: process.pid }, timestamp };

/** pino's own serializer would log every property of an error, and lose the type of a serialized one. */
const serializers = { err: (error: unknown) => (error instanceof Error ? serializeError(error) : error) };

/** Creates the logger of the process, with JSON lines or readable ones. */
export function createLogger({ level, readable, destination = new LogStream(stdout), errors }: LoggingOptions): Logger {
  const format = readable
    ? readableLines({ colours: destination instanceof LogStream && process.stdout.isTTY })
    : String;
  const flush = (): void => {
    destination.flush?.();
    errors?.flush();
  };
  const streams = pino.multistream([
    { level: 'trace', stream: { write: (line: string) => destination.write(format(escapeControls(line))) } },
    { level: 'warn', stream: { write: (line: string) => errors?.write(escapeControls(line)) } },
    // Warnings and errors are flushed at once, in case the process crashes.
    { level: 'warn', stream: { write: flush } },
  ]);
  // For `logger.flush()`.
  const stream = Object.assign(streams, {
    flush(done: () => void) {
      flush();
      done();
    },
  });
  const redact = { paths: secretPaths(), censor: MASK };
  return pino({ ...common, level, serializers, redact, mixin: requestIdOf }, stream);
}

/** Creates a logger for lines whose fields are all known, without masking. */
export function createPlainLogger(level: string, destination: DestinationStream): Logger {
  return pino({ ...common, level }, destination);
}

/** Returns a new object each time, because pino adds the fields of the line to it. */
function requestIdOf(_fields: object, _level: number, logger: Logger): object {
  const id = currentRequestId();
  // A request's own logger already has the id.
  return id === undefined || REQUEST_ID_FIELD in logger.bindings() ? {} : { [REQUEST_ID_FIELD]: id };
}
