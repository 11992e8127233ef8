import { IsIn, Matches, MinLength } from 'class-validator';
import { IsPublicUrl } from './environment-validators.js';
import { lowerCase } from './parsers.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** Name, addresses, mode and folders of the service. */
export class ServiceSettings {
  @Variable({
    group: 'Service',
    about: 'Name of the service: the title of /docs, /redoc and the OpenAPI document.',
    expected: 'a text of 1 to 100 characters',
    default: 'FastAPI Backend',
  })
  @Matches(/^.{1,100}$/su)
  readonly APP_NAME: string;

  @Variable({
    group: 'Service',
    about:
      'Address to listen on; 127.0.0.1 behind a proxy on the same machine. The default is all IPv4 addresses, and with DEBUG also all IPv6 addresses.',
    expected: 'an IP address or a host name',
    default: '0.0.0.0',
    example: '',
  })
  @Matches(/^[A-Za-z0-9.:_-]+$/)
  readonly APP_HOST: string;

  @IntegerVariable({
    group: 'Service',
    about: 'TCP port to listen on; 0 takes a free one.',
    what: 'a port',
    from: 0,
    to: 65535,
    default: 8001,
  })
  readonly APP_PORT: number;

  @Variable({
    group: 'Service',
    about:
      'Public address of the service, including the path that a proxy strips. Links in messages and redirects begin with it, and pages on its origin may keep a refresh token in a cookie. Without it, links lead to localhost and APP_PORT, and redirects behind a proxy are relative.',
    expected: 'an http or https URL such as https://example.com/auth, without a slash at its end',
    example: '',
    default: 'http://localhost:8001',
  })
  @IsPublicUrl()
  readonly PUBLIC_URL: string;

  @IntegerVariable({
    group: 'Service',
    about:
      'How long an idle connection is kept open for the next request. Must be longer than a proxy in front keeps it, or requests are lost: nginx keeps it for 60 s by default, cloud load balancers for up to 600 s and more.',
    what: 'seconds',
    from: 1,
    to: 7200,
    default: 72,
  })
  readonly KEEP_ALIVE_SECONDS: number;

  @BooleanVariable({
    group: 'Service',
    about:
      'Development mode: readable logs in a terminal, a database that starts by itself, weak secrets allowed. Never True in production.',
    default: false,
  })
  readonly DEBUG: boolean;

  @Variable({
    group: 'Service',
    about: 'Least severe log lines that are written.',
    expected: 'fatal, error, warn, info, debug, trace or silent',
    parse: lowerCase,
    default: 'info',
  })
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  readonly LOG_LEVEL: string;

  @Variable({
    group: 'Service',
    about:
      'Folder for what the service itself stores: the data of the embedded PostgreSQL, messages while SMTP_HOST is not set, and what its processes have counted for /metrics.',
    expected: 'the path of a folder that can be written',
    default: '.data',
  })
  @MinLength(1)
  readonly DATA_DIR: string;

  @Variable({
    group: 'Service',
    about:
      'File that these settings are read from, for staging or production; variables of the process win over it. Only read from the process.',
    expected: 'the path of a readable file',
    default: '.env',
    example: '',
  })
  @MinLength(1)
  readonly ENV_FILE: string;

  @IntegerVariable({
    group: 'Service',
    about:
      'Number of reverse proxies in front whose X-Forwarded-For, -Proto and -Prefix headers are trusted; 0 trusts none.',
    what: 'a number of proxies',
    from: 0,
    to: 10,
    default: 0,
  })
  readonly TRUST_PROXY: number;
}
