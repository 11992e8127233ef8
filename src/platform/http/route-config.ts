import 'reflect-metadata';

/** Nest's metadata key for the configuration of a Fastify route. Nest's own decorator would replace earlier values. */
const ROUTE_CONFIG = '__fastify_route_config__';

/** Adds to the Fastify configuration of a handler's route, which hooks read as `request.routeOptions.config`. */
export function extendRouteConfig(handler: object, config: object): void {
  Reflect.defineMetadata(ROUTE_CONFIG, { ...routeConfigOf(handler), ...config }, handler);
}

export function routeConfigOf(handler: object): object {
  return (Reflect.getMetadata(ROUTE_CONFIG, handler) as object | undefined) ?? {};
}
