import { EachIsOrigin } from '../../platform/config/environment-validators.js';
import { parseStringList } from '../../platform/config/parsers.js';
import { wildcardIn } from '../../platform/config/web-origin.js';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** The web origins that may call the API. */
export class CorsSettings {
  @Variable({
    group: 'Clients',
    about:
      'Origins of browser applications that may call the API, as a JSON list. They must match exactly. Any scheme is allowed, such as capacitor://localhost.',
    expected: 'a JSON list of origins such as ["https://app.example.com"], without a path or a trailing slash',
    parse: parseStringList,
    explain: refusalOfWildcard,
    default: ['http://localhost:3000', 'http://192.168.0.112:3000'],
    defaultText: '["http://localhost:3000","http://192.168.0.112:3000"]',
  })
  @EachIsOrigin()
  readonly CORS_ORIGINS: string[];
}

/** Warns if production uses the default origins of a developer's machine, which stay in place for existing services. */
export function warnOfOrigins(
  { DEBUG, CORS_ORIGINS }: CorsSettings & Pick<PlatformSettings, 'DEBUG'>,
  given: ReadonlySet<string>,
): string[] {
  if (DEBUG || given.has('CORS_ORIGINS')) return [];
  return [
    `CORS_ORIGINS is not set, so the documented default origins apply: ${CORS_ORIGINS.join(', ')}. Set it to the origins of your applications, or to []`,
  ];
}

function refusalOfWildcard(text: string): string | undefined {
  try {
    const found = wildcardIn(parseStringList(text));
    return found && `${JSON.stringify(found)} has a wildcard, which is not supported: list each origin`;
  } catch {
    return undefined;
  }
}
