import { IntegerVariable } from '../../../platform/config/variable.decorator.js';

/** How passwords are hashed. */
export class HashingSettings {
  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Cost of new bcrypt hashes: each step doubles the time of a login.',
    what: 'a cost',
    from: 10,
    to: 16,
    default: 12,
  })
  readonly BCRYPT_ROUNDS: number;

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
