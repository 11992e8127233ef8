import { IsOptional, Matches } from 'class-validator';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** Settings of the limits of requests and connections. */
export class LimitSettings {
  @BooleanVariable({
    group: 'Limits',
    about:
      'Enforce the rate limits of requests and sign-ins (429). Turn it off only for load tests, because passwords can then be guessed without limit.',
    default: true,
  })
  readonly RATE_LIMIT: boolean;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of requests per minute from one client address to one process. For unauthenticated requests, an IPv6 /56 has 4 times this limit, and a /48 has 16 times.',
    what: 'a number of requests',
    from: 1,
    to: 1_000_000,
    default: 3000,
  })
  readonly RATE_LIMIT_REQUESTS_PER_MINUTE: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of concurrent connections to one process. Requests on further connections are answered 503, except for /health and /metrics. Each connection uses a file descriptor.',
    what: 'a number of connections',
    from: 10,
    to: 1_000_000,
    default: 4000,
  })
  readonly MAX_CONNECTIONS: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of concurrent connections from one client address (IPv6: a /64) to one process. Further ones are closed. An IPv6 /48 has half of MAX_CONNECTIONS. Does not apply with TRUST_PROXY, because all clients then connect through the proxy.',
    what: 'a number of connections',
    from: 10,
    to: 1_000_000,
    default: 1000,
  })
  readonly MAX_CONNECTIONS_PER_CLIENT: number;

  @Variable({
    group: 'Limits',
    about:
      'Redis in which requests are counted over all processes and machines. Without it, or while it is down, each process counts separately.',
    expected: 'redis://user:password@host:6379/0, or rediss:// for TLS',
    example: '',
    secret: true,
  })
  @IsOptional()
  @Matches(/^rediss?:\/\/[^\s]+$/)
  readonly REDIS_URL?: string;
}
