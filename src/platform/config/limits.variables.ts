import { IsOptional, Matches } from 'class-validator';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** How much one client, and all of them together, may ask for. */
export class LimitVariables {
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

  @IntegerVariable({
    group: 'Limits',
    about:
      'Failed sign-ins to one account in a window from all unknown clients together, over all processes. A known client has 5 separate tries that others cannot use up.',
    what: 'a number of tries',
    from: 1,
    to: 100,
    default: 10,
  })
  readonly RATE_LIMIT_LOGIN_ACCOUNT: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Failed sign-ins from one client address in a window, over all processes and accounts. An IPv6 /56 has 4 times as many and a /48 has 16 times as many.',
    what: 'a number of tries',
    from: 1,
    to: 1_000_000,
    default: 100,
  })
  readonly RATE_LIMIT_LOGIN_CLIENT: number;

  @IntegerVariable({
    group: 'Limits',
    about: 'Length of the window of failed sign-ins.',
    what: 'minutes',
    from: 1,
    to: 1440,
    default: 15,
  })
  readonly RATE_LIMIT_LOGIN_WINDOW_MINUTES: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Registrations an hour from one client address, over all processes. An IPv6 /56 has 4 times as many and a /48 has 16 times as many.',
    what: 'a number of registrations',
    from: 1,
    to: 1_000_000,
    default: 200,
  })
  readonly RATE_LIMIT_REGISTER_PER_HOUR: number;

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

  @IntegerVariable({
    group: 'Limits',
    about: 'Passwords that one process hashes at a time; 0 shares the cores among WORKERS.',
    what: 'a number of threads',
    from: 0,
    to: 64,
    default: 0,
  })
  readonly HASH_THREADS: number;

  @IntegerVariable({
    group: 'Limits',
    about: 'Longest that a password may wait for its turn to be hashed before the request is answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 60_000,
    default: 2000,
  })
  readonly HASH_WAIT_MS: number;
}
