import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { PlatformSettings } from '../config/platform-settings.js';
import { ConnectionLimits } from './connection-limits.js';
import { tooManyConnections } from './http.errors.js';
import { limitPipelining } from './limit-pipelining.js';
import { isOperatorRoute } from './operator-routes.js';
import { SlowReaders } from './slow-readers.js';

/** Interval of log lines, one per reason: an attack opens connections by the thousand. */
const LOG_INTERVAL_MS = 2000;

const REASONS = {
  unread: 'their clients do not read the answers',
  pipelined: 'their clients send requests without end, without an answer to those before',
  perClient: 'their clients have as many as MAX_CONNECTIONS_PER_CLIENT allows',
  perNetwork: 'their IPv6 networks (/48) have half of what MAX_CONNECTIONS allows',
  total: 'the process has as many as MAX_CONNECTIONS allows',
} as const;

/**
 * Bounds the connections of a server, the requests of a connection that wait for answers, and the time that a client may
 * take to read an answer.
 */
export function limitConnections(fastify: FastifyInstance, environment: PlatformSettings, logger: Logger): void {
  const { MAX_CONNECTIONS: total, MAX_CONNECTIONS_PER_CLIENT, TRUST_PROXY } = environment;
  const closings = new ClosedConnections(logger);
  new SlowReaders(fastify.server, () => closings.count('unread')).start();
  limitPipelining(fastify.server, () => closings.count('pipelined'));
  // Behind a proxy all clients have the address of the proxy.
  const perClient = TRUST_PROXY > 0 ? Infinity : MAX_CONNECTIONS_PER_CLIENT;
  const bounds = { total, perClient, perNetwork: Math.floor(total / 2) };
  const limits = new ConnectionLimits(fastify.server, bounds, (bound) => closings.count(bound));
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (limits.isSpare(request.raw.socket) && !isOperatorRoute(request)) done(tooManyConnections());
    else done();
  });
}

/** How many connections were closed since the last line of the log. */
class ClosedConnections {
  private readonly counts = new Map<keyof typeof REASONS, number>();

  constructor(private readonly logger: Logger) {}

  count(reason: keyof typeof REASONS): void {
    if (this.counts.size === 0) setTimeout(() => this.log(), LOG_INTERVAL_MS).unref();
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  private log(): void {
    for (const [reason, connections] of this.counts) {
      this.logger.warn({ connections }, `closed ${connections} connections: ${REASONS[reason]}`);
    }
    this.counts.clear();
  }
}
