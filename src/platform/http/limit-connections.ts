import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { PlatformSettings } from '../config/platform-settings.js';
import { ConnectionLimits } from './connection-limits.js';
import { tooManyConnections } from './http.errors.js';
import { limitPipelining } from './limit-pipelining.js';
import { isOperatorRoute } from './operator-routes.js';
import { SlowReaders } from './slow-readers.js';

/** Interval of the log lines, one per reason, because an attack opens connections by the thousand. */
const LOG_INTERVAL_MS = 2000;

const REASONS = {
  unread: 'the clients do not read their responses',
  pipelined: 'the clients pipeline too many requests',
  perClient: 'the clients have reached MAX_CONNECTIONS_PER_CLIENT',
  perNetwork: 'their IPv6 networks (/48) have reached half of MAX_CONNECTIONS',
  total: 'the process has reached MAX_CONNECTIONS',
} as const;

/**
 * Bounds the connections of a server, the requests in flight per connection, and the time that a client may take to
 * read a response.
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
