import { BooleanVariable, IntegerVariable } from '../../platform/config/variable.decorator.js';

/** Settings of sign-ins and their limits. */
export class SignInSettings {
  @IntegerVariable({
    group: 'Sessions',
    about:
      'Time in minutes after a sign-in during which an export or a change of the username does not require the password again. A refresh does not count as a sign-in.',
    what: 'minutes',
    from: 1,
    to: 1440,
    default: 10,
  })
  readonly RECENT_SIGN_IN_MINUTES: number;

  @BooleanVariable({
    group: 'E-mail',
    about: 'Send a message to the owner when an account is signed in to on a new device.',
    default: true,
  })
  readonly NEW_DEVICE_MAIL: boolean;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of failed sign-ins to one account per window, from all unknown clients together and over all processes. A known client has 5 separate attempts.',
    what: 'a number of attempts',
    from: 1,
    to: 100,
    default: 10,
  })
  readonly RATE_LIMIT_LOGIN_ACCOUNT: number;

  @IntegerVariable({
    group: 'Limits',
    about:
      'Maximum number of failed sign-ins from one client address per window, over all processes and accounts. An IPv6 /56 has 4 times this limit, and a /48 has 16 times.',
    what: 'a number of attempts',
    from: 1,
    to: 1_000_000,
    default: 100,
  })
  readonly RATE_LIMIT_LOGIN_CLIENT: number;

  @IntegerVariable({
    group: 'Limits',
    about: 'Length in minutes of the window in which failed sign-ins are counted.',
    what: 'minutes',
    from: 1,
    to: 1440,
    default: 15,
  })
  readonly RATE_LIMIT_LOGIN_WINDOW_MINUTES: number;
}
