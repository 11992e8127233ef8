import { extendRouteConfig, routeConfigOf } from './route-config.js';

export interface Deprecation {
  /** When it became deprecated. */
  since: Date;
  /** When it stops working. */
  sunset?: Date;
  /** Address of the page, or path of the route, that says what to use instead. */
  successor?: string;
}

/** The part of a Fastify route's configuration that this decorator sets. */
export interface DeprecationRouteConfig {
  headers?: Readonly<Record<string, string>>;
  successor?: string;
}

/**
 * Marks a route that still works but should no longer be used: in the OpenAPI document, and in every response with
 * `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to the successor.
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
