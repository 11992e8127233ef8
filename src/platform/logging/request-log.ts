import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Bindings, LogFn } from 'pino';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * `request.log`, made when something is logged: hardly any request logs more than its line in the access log, and to mask
 * what may be secret in the fields that come along with a logger takes a tenth of the time of a whole request.
 */
class RequestLog {
  private made: FastifyBaseLogger | undefined;

  constructor(
    private readonly parent: FastifyBaseLogger,
    private readonly bindings: Bindings,
  ) {}

  get own(): FastifyBaseLogger {
    this.made ??= this.parent.child(this.bindings);
    return this.made;
  }

  get level(): string {
    return this.parent.level;
  }

  child(...parameters: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.own.child(...parameters);
  }
}
for (const level of LEVELS) {
  Object.defineProperty(RequestLog.prototype, level, {
    value(this: RequestLog, ...parameters: Parameters<LogFn>) {
      this.own[level](...parameters);
    },
  });
}

/** For Fastify's option `childLoggerFactory`. */
export function requestLog(this: FastifyInstance, parent: FastifyBaseLogger, bindings: Bindings): FastifyBaseLogger {
  return new RequestLog(parent, bindings) as unknown as FastifyBaseLogger;
}
