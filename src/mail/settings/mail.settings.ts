import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { IsSender } from './sender.js';
import { lowerCase } from '../../platform/config/parsers.js';
import { IntegerVariable, Variable } from '../../platform/config/variable.decorator.js';

/** Settings of the mail server and the messages. */
export class MailSettings {
  @Variable({
    group: 'E-mail',
    about: 'SMTP server that sends the messages. Without it, they are written to files in DATA_DIR/mail.',
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
    about:
      'Encryption of the connection to the SMTP server: tls encrypts it from the start, starttls after the STARTTLS command, off not at all.',
    expected: 'tls, starttls or off',
    parse: lowerCase,
    default: 'starttls',
  })
  @IsIn(['tls', 'starttls', 'off'])
  readonly SMTP_TLS: 'tls' | 'starttls' | 'off';

  @Variable({
    group: 'E-mail',
    about: 'Username at the SMTP server. If it is not set, the service does not sign in.',
    expected: 'a string',
    example: '',
  })
  @IsOptional()
  @IsString()
  readonly SMTP_USER?: string;

  @Variable({
    group: 'E-mail',
    about: 'Password for SMTP_USER.',
    expected: 'a string',
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
    about: 'Language of messages if the Accept-Language header names no available language.',
    expected: 'en or de',
    default: 'en',
  })
  @IsIn(['en', 'de'])
  readonly MAIL_LANGUAGE: 'en' | 'de';

  @IntegerVariable({
    group: 'E-mail',
    about:
      'Maximum number of messages per hour to one address, over all accounts: of all kinds together to an unverified address, and of each kind to a verified one. Also the number of changes of the address that an account can request per hour.',
    what: 'a number of messages',
    from: 1,
    to: 1000,
    default: 5,
  })
  readonly MAIL_LIMIT_PER_HOUR: number;
}

/** @returns a problem if only one of SMTP_USER and SMTP_PASSWORD is set: nodemailer would not sign in at all */
export function incompleteSmtpCredentials({ SMTP_USER, SMTP_PASSWORD }: MailSettings): string[] {
  if (Boolean(SMTP_USER) === Boolean(SMTP_PASSWORD)) return [];
  const [present, missing] = SMTP_USER ? ['SMTP_USER', 'SMTP_PASSWORD'] : ['SMTP_PASSWORD', 'SMTP_USER'];
  return [
    `${present} is set and ${missing} is not; expected both, or neither for an SMTP server without authentication`,
  ];
}
