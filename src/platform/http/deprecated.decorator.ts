import { extendRouteConfig, routeConfigOf } from './route-config.js';

export interface Deprecation {
  /** When it became deprecated. */
  since: Date;
  /** When it is to stop working. */
  sunset?: Date;
  /** Address of the page, or path of the route, that says what to use instead. */
  successor?: string;
}

/** What this file writes into the configuration of a Fastify route. */
export interface DeprecationRouteConfig {
  headers?: Readonly<Record<string, string>>;
  successor?: string;
}

/**
 * The route still works and is to be left: marked in the OpenAPI document, and on every answer by `Deprecation`
 * (RFC 9745), `Sunset` (RFC 8594) and a `Link` to the successor.
 */
export function Deprecated({ since, sunset, successor }: Deprecation): MethodDecorator {
  const headers: Record<string, string> = { deprecation: `@${Math.floor(since.getTime() / 1000)}` };
  if (sunset) headers.sunset = sunset.toUTCString();
  return (_target, _name, descriptor) =>
    extendRouteConfig(descriptor.value as object, { headers, successor } satisfies DeprecationRouteConfig);
}

export function isDeprecated(handler: object): boolean {
  return (routeConfigOf(handler) as DeprecationRouteConfig).headers !== undefined;
}
