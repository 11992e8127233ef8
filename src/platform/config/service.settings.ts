import { IsIn, Matches, MinLength } from 'class-validator';
import { IsPublicUrl } from './environment-validators.js';
import { lowerCase } from './parsers.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';

/** Settings of the service: name, addresses, mode and folders. */
export class ServiceSettings {
  @Variable({
    group: 'Service',
    about: 'Name of the service, shown as the title of /docs, /redoc and the OpenAPI document.',
    expected: '1 to 100 characters',
    default: 'FastAPI Backend',
  })
  @Matches(/^.{1,100}$/su)
  readonly APP_NAME: string;

  @Variable({
    group: 'Service',
    about:
      'Address to listen on. Use 127.0.0.1 behind a proxy on the same machine. The default is all IPv4 addresses, and with DEBUG also all IPv6 addresses.',
    expected: 'an IP address or a host name',
    default: '0.0.0.0',
    example: '',
  })
  @Matches(/^[A-Za-z0-9.:_-]+$/)
  readonly APP_HOST: string;

  @IntegerVariable({
    group: 'Service',
    about: 'TCP port to listen on; 0 chooses a free port.',
    what: 'a port',
    from: 0,
    to: 65535,
    default: 8001,
  })
  readonly APP_PORT: number;

  @Variable({
    group: 'Service',
    about:
      'Public URL of the service, including a path that the proxy strips. Links in messages and redirects start with it, and pages on its origin may use the refresh cookie. If it is not set, links lead to localhost and APP_PORT, and redirects behind a proxy are relative.',
    expected: 'an http or https URL such as https://example.com/auth, without a trailing slash',
    example: '',
    default: 'http://localhost:8001',
  })
  @IsPublicUrl()
  readonly PUBLIC_URL: string;

  /** Set by the loader if PUBLIC_URL is set, rather than derived from APP_PORT. */
  readonly isPublicUrlSet?: true;

  @IntegerVariable({
    group: 'Service',
    about:
      'Time in seconds for which an idle connection is kept open. Must be longer than a proxy in front keeps it, or requests are lost: nginx keeps it for 60 s by default, cloud load balancers for 600 s or more.',
    what: 'seconds',
    from: 1,
    to: 7200,
    default: 72,
  })
  readonly KEEP_ALIVE_SECONDS: number;

  @BooleanVariable({
    group: 'Service',
    about:
      'Development mode: readable logs in a terminal, the embedded PostgreSQL starts by default, weak secrets are accepted. Never True in production.',
    default: false,
  })
  readonly DEBUG: boolean;

  @Variable({
    group: 'Service',
    about: 'Lowest level of the log lines that are written.',
    expected: 'fatal, error, warn, info, debug, trace or silent',
    parse: lowerCase,
    default: 'info',
  })
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  readonly LOG_LEVEL: string;

  @Variable({
    group: 'Service',
    about:
      'Folder for the data of the service: the embedded PostgreSQL, messages while SMTP_HOST is not set, and the counters of its processes for /metrics.',
    expected: 'the path of a writable folder',
    default: '.data',
  })
  @MinLength(1)
  readonly DATA_DIR: string;

  @Variable({
    group: 'Service',
    about:
      'File with the settings. Environment variables override it. This setting itself is read only from the environment.',
    expected: 'the path of a readable file',
    default: '.env',
    example: '',
  })
  @MinLength(1)
  readonly ENV_FILE: string;

  @IntegerVariable({
    group: 'Service',
    about:
      'Number of reverse proxies in front of the service whose X-Forwarded-For, -Proto and -Prefix headers are trusted; 0 trusts none.',
    what: 'a number of proxies',
    from: 0,
    to: 10,
    default: 0,
  })
  readonly TRUST_PROXY: number;
}
