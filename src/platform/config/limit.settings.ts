import { IsOptional, Matches } from 'class-validator';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** The limits of requests and connections. */
export class LimitSettings {
  @BooleanVariable({
    group: 'Limits',
    about: 'Limit requests and sign-ins (429). Off for load tests only: passwords can then be guessed without end.',
    default: true,
  })
  readonly RATE_LIMIT: boolean;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Requests a minute that one client address may make to one process. For unauthenticated requests, an IPv6 /56 has 4 times as many and a /48 has 16 times as many.',
    what: 'a number of requests',
    from: 1,
    to: 1_000_000,
    default: 3000,
  })
  readonly RATE_LIMIT_REQUESTS_PER_MINUTE: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Connections that one process has at a time. Further ones are answered 503, except for /health and /metrics. Each uses a file descriptor.',
    what: 'a number of connections',
    from: 10,
    to: 1_000_000,
    default: 4000,
  })
  readonly MAX_CONNECTIONS: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Connections that one client address (IPv6: a /64) has to one process at a time; further ones are closed. An IPv6 /48 has half of MAX_CONNECTIONS. Does not apply with TRUST_PROXY, because all clients then come through the proxy.',
    what: 'a number of connections',
    from: 10,
    to: 1_000_000,
    default: 1000,
  })
  readonly MAX_CONNECTIONS_PER_CLIENT: number;

  @Variable({
    group: 'Limits',
    about:
      'Redis in which the requests of a client are counted over all processes and machines; each process counts for itself without it, and while it is away.',
    expected: 'redis://user:password@host:6379/0, or rediss:// for TLS',
    example: '',
    secret: true,
  })
  @IsOptional()
  @Matches(/^rediss?:\/\/[^\s]+$/)
  readonly REDIS_URL?: string;
}
