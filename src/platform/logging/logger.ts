import { type DestinationStream, type Logger, pino } from 'pino';
import { escapeControls } from './control-characters.js';
import { serializeError } from './error-serializer.js';
import { LogStream } from './log-stream.js';
import { stdout } from './log-targets.js';
import { readableLines } from './readable-lines.js';
import { MASK, secretPaths } from './redaction.js';
import { currentRequestId, REQUEST_ID_FIELD } from './request-context.js';

export interface LoggingOptions {
  /** Least severe level that is written. */
  level: string;
  /** One readable line an event, for a person at a terminal; JSON otherwise. */
  readable: boolean;
  /** Where the lines go; stdout by default. */
  destination?: DestinationStream & { flush?: () => void };
  /** Where warnings and what is worse go too, always as JSON. */
  errors?: LogStream;
}

/** Whether lines are wanted that only somebody who looks for a fault wants. */
export function isDebugging(level: string): boolean {
  return level === 'debug' || level === 'trace';
}

let moment = { at: 0, text: '' };

/** RFC 3339 in UTC. Many lines share a millisecond, and to write one down takes as long as half of the rest of a line. */
function timestamp(): string {
  const now = Date.now();
  if (now !== moment.at) moment = { at: now, text: `,"time":"${new Date(now).toISOString()}"` };
  return moment.text;
}

const common = { base: { pid: process.pid }, timestamp };

/** pino's own would write every property of an error, and would call what `serializeError` made an Object. */
const serializers = { err: (error: unknown) => (error instanceof Error ? serializeError(error) : error) };

/** The process's logger: JSON lines on stdout, or readable ones for a person. */
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
    // Whatever becomes of the process, these are out.
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

/** A logger for one kind of line whose fields are all known: nothing is looked for and masked. */
export function createPlainLogger(level: string, destination: DestinationStream): Logger {
  return pino({ ...common, level }, destination);
}

/** Always a new object: pino adds the fields of the line to it. */
function requestIdOf(_fields: object, _level: number, logger: Logger): object {
  const id = currentRequestId();
  // A request's own logger brings it along.
  return id === undefined || REQUEST_ID_FIELD in logger.bindings() ? {} : { [REQUEST_ID_FIELD]: id };
}
