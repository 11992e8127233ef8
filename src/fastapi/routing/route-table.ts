import type { FastifyInstance } from 'fastify';

interface Route {
  /** Matches the decoded path. */
  pattern: RegExp;
  methods: string[];
}

/** The methods of each path, recorded as Fastify registers the routes. Read only when no route matches a request. */
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  /** Call it before the first route is registered. */
  static of(fastify: FastifyInstance): RouteTable {
    const table = new RouteTable();
    fastify.addHook('onRoute', ({ url, method }) => {
      for (const one of [method].flat()) table.add(url, one);
    });
    return table;
  }

  private add(url: string, method: string): void {
    const route = this.routes.get(url) ?? { pattern: patternOf(url), methods: [] };
    if (!route.methods.includes(method)) route.methods.push(method);
    this.routes.set(url, route);
  }

  /**
   * @param path decoded, without the query
   * @returns the methods of all routes that match, none for an unknown path
   */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.routes.values()) {
      if (pattern.test(path)) for (const method of methods) found.add(method);
    }
    return [...found];
  }
}

/** A regular expression for a route such as `/users/:id`. A `*` at the end matches the rest. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    if (segment === '*') return '.*';
    return segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`, 's');
}
