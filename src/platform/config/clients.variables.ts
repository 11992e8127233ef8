import { EachIsOrigin } from './environment-validators.js';
import { parseStringList } from './parsers.js';
import { BooleanVariable, IntegerVariable, Variable } from './variable.decorator.js';
import { wildcardIn } from './web-origin.js';

/** What clients may ask and send. */
export class ClientVariables {
  @BooleanVariable({
    group: 'Clients',
    about: 'Serve /docs, /redoc and /openapi.json.',
    default: true,
  })
  readonly DOCS_ENABLED: boolean;

  @Variable({
    group: 'Clients',
    about:
      'Origins of browser applications that may call the API, as a JSON list; compared exactly. Every scheme is allowed, such as capacitor://localhost.',
    expected: 'a JSON list of origins such as ["https://app.example.com"], without path or trailing slash',
    parse: parseStringList,
    explain: refusalOfWildcard,
    default: ['http://localhost:3000', 'http://192.168.0.112:3000'],
    defaultText: '["http://localhost:3000","http://192.168.0.112:3000"]',
  })
  @EachIsOrigin()
  readonly CORS_ORIGINS: string[];

  @IntegerVariable({
    group: 'Clients',
    about: 'Largest request body in bytes; a larger one is answered 413.',
    what: 'a number of bytes',
    from: 1024,
    to: 10485760,
    default: 102_400,
  })
  readonly BODY_LIMIT_BYTES: number;
}

function refusalOfWildcard(text: string): string | undefined {
  try {
    const found = wildcardIn(parseStringList(text));
    return found && `${JSON.stringify(found)} has a wildcard, which is not supported: list each origin`;
  } catch {
    return undefined;
  }
}
