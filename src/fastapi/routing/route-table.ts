import type { FastifyInstance } from 'fastify';

interface Route {
  /** Matches the decoded path. */
  pattern: RegExp;
  methods: string[];
}

/** Which methods a path answers to, learnt from the routes as Fastify registers them. Asked only when no route matched. */
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  /** Must run before the first route is registered. */
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

  /** @param path decoded, without the query; @returns the methods of all routes on it, none for an unknown path */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.routes.values()) {
      if (pattern.test(path)) for (const method of methods) found.add(method);
    }
    return [...found];
  }
}

/** `/users/:id` as an expression; a `*` at the end matches the rest. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    if (segment === '*') return '.*';
    return segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`, 's');
}
