import { IntegerVariable } from '../../../platform/config/variable.decorator.js';

/** Settings of password hashing. */
export class HashingSettings {
  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Cost of new bcrypt hashes. Each step doubles the time of a sign-in.',
    what: 'a cost',
    from: 10,
    to: 16,
    default: 12,
  })
  readonly BCRYPT_ROUNDS: number;

  @IntegerVariable({
    group: 'Limits',
    about: 'Maximum number of passwords that one process hashes concurrently; 0 divides the cores by WORKERS.',
    what: 'a number of threads',
    from: 0,
    to: 64,
    default: 0,
  })
  readonly HASH_THREADS: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum time in milliseconds that a password waits to be hashed. If it would wait longer, the request is answered 503.',
    what: 'milliseconds',
    from: 100,
    to: 60_000,
    default: 2000,
  })
  readonly HASH_WAIT_MS: number;
}
