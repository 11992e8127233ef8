import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/**
 * Passes the messages of Nest, and of features that use Nest's `Logger`, to the service's logger. A plain object as the
 * message is logged as fields: `new Logger('Mail').warn({ attempt: 3, msg: 'not sent yet' })`.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  /** Logs objects, which features write, at info. Logs strings at debug: Nest writes about a hundred of them at start. */
  log(message: unknown, ...context: unknown[]): void {
    this.write(isFields(message) ? 'info' : 'debug', message, context);
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.write('fatal', message, context);
  }

  error(message: unknown, ...context: unknown[]): void {
    this.write('error', message, context);
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.write('warn', message, context);
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.write('debug', message, context);
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.write('trace', message, context);
  }

  /** @param more a stack (for errors) and the name of the logging class, in this order */
  private write(
    level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace',
    message: unknown,
    more: unknown[],
  ): void {
    const [stack, context] = more.length > 1 ? more : [undefined, more[0]];
    if (isFields(message)) this.logger[level]({ context, stack, ...message });
    else if (message instanceof Error) this.logger[level]({ context, stack, err: message }, String(message));
    else this.logger[level]({ context, stack }, String(message));
  }
}

function isFields(message: unknown): message is object {
  return typeof message === 'object' && message !== null && Object.getPrototypeOf(message) === Object.prototype;
}
