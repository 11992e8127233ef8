import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { IsAppUrl, IsPublicUrl } from './environment-validators.js';
import { lowerCase } from './parsers.js';
import { IsSender } from './sender.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** How messages leave, and where their links lead. */
export class MailVariables {
  @Variable({
    group: 'E-mail',
    about:
      'Public address of the service, including the path that a proxy strips. Links in messages and redirects begin with it, and pages on its origin may keep a refresh token in a cookie. Without it, links lead to localhost and APP_PORT, and redirects behind a proxy are relative.',
    expected: 'an http or https URL such as https://example.com/auth, without a slash at its end',
    example: '',
    default: 'http://localhost:8001',
  })
  @IsPublicUrl()
  readonly PUBLIC_URL: string;

  @Variable({
    group: 'E-mail',
    about:
      'Address of your application. The pages of links lead there when they are done; without it they have no link.',
    expected: 'a URL such as https://app.example.com or myapp://signed-in',
    example: '',
  })
  @IsOptional()
  @IsAppUrl()
  readonly APP_URL?: string;

  @Variable({
    group: 'E-mail',
    about: 'SMTP server that takes the messages; without it they are written as files into DATA_DIR/mail.',
    expected: 'a host name or an IP address',
    example: '',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9.:_-]+$/)
  readonly SMTP_HOST?: string;

  @IntegerVariable({
    group: 'E-mail',
    about: 'Port of the SMTP server.',
    what: 'a port',
    from: 1,
    to: 65535,
    default: 587,
  })
  readonly SMTP_PORT: number;

  @Variable({
    group: 'E-mail',
    about: 'How the connection to the SMTP server is encrypted: from its start, after STARTTLS, or not at all.',
    expected: 'tls, starttls or off',
    parse: lowerCase,
    default: 'starttls',
  })
  @IsIn(['tls', 'starttls', 'off'])
  readonly SMTP_TLS: 'tls' | 'starttls' | 'off';

  @Variable({
    group: 'E-mail',
    about: 'Name under which the service signs in at the SMTP server; none signs in without.',
    expected: 'a text',
    example: '',
  })
  @IsOptional()
  @IsString()
  readonly SMTP_USER?: string;

  @Variable({
    group: 'E-mail',
    about: 'Password for SMTP_USER.',
    expected: 'a text',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SMTP_PASSWORD?: string;

  @Variable({
    group: 'E-mail',
    about: 'Sender of the messages.',
    expected: 'an address such as no-reply@example.com or Example, Inc. <no-reply@example.com>',
    default: 'no-reply@localhost.localdomain',
  })
  @IsSender()
  readonly MAIL_FROM: string;

  @Variable({
    group: 'E-mail',
    about: 'Language of messages to people whose Accept-Language names none that there is.',
    expected: 'en or de',
    default: 'en',
  })
  @IsIn(['en', 'de'])
  readonly MAIL_LANGUAGE: 'en' | 'de';

  @IntegerVariable({
    group: 'E-mail',
    about:
      'Messages an hour to one address, over all accounts: of all kinds together to an unverified address, and of each kind to a verified one. Also the changes of the address that an account may request in an hour.',
    what: 'a number of messages',
    from: 1,
    to: 1000,
    default: 5,
  })
  readonly MAIL_LIMIT_PER_HOUR: number;

  @Variable({
    group: 'E-mail',
    about:
      'Whether new accounts verify their address: required refuses to sign in before. Accounts that the service took over are exempt.',
    expected: 'off, optional or required',
    parse: lowerCase,
    default: 'off',
  })
  @IsIn(['off', 'optional', 'required'])
  readonly EMAIL_VERIFICATION: 'off' | 'optional' | 'required';

  @BooleanVariable({
    group: 'E-mail',
    about: 'Send a message when somebody signs in from a device that the account has not been used on.',
    default: true,
  })
  readonly NEW_DEVICE_MAIL: boolean;
}
