import { BooleanVariable, IntegerVariable } from '../../platform/config/variable.decorator.js';

/** The limits of sign-ins, and what follows one. */
export class SignInSettings {
  @IntegerVariable({
    group: 'Sessions',
    about:
      'How long after a sign-in an export and a change of the username need no confirmation of the password. A refresh does not count as a sign-in.',
    what: 'minutes',
    from: 1,
    to: 1440,
    default: 10,
  })
  readonly RECENT_SIGN_IN_MINUTES: number;

  @BooleanVariable({
    group: 'E-mail',
    about: 'Send a message when somebody signs in from a device that the account has not been used on.',
    default: true,
  })
  readonly NEW_DEVICE_MAIL: boolean;

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
}
