import { IntegerVariable } from '../platform/config/variable.decorator.js';

/** Settings of registrations. */
export class UserSettings {
  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of registrations per hour from one client address, over all processes. An IPv6 /56 has 4 times this limit, and a /48 has 16 times.',
    what: 'a number of registrations',
    from: 1,
    to: 1_000_000,
    default: 200,
  })
  readonly RATE_LIMIT_REGISTER_PER_HOUR: number;
}
