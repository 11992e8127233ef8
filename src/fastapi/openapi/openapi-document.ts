import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type JsonSchema, modelsByName } from '../validation/model.js';
import { Handlers } from './handlers.js';
import { modelSchema } from './model-schema.js';
import { fastApiOperation, formModelOf, formName, type NestOperation } from './operation.js';
import { SECURITY_SCHEMES, STANDARD_SCHEMAS } from './standard-schemas.js';

export type OpenApiDocument = JsonSchema;

/**
 * The OpenAPI 3.1 document of an application as FastAPI would write it. Nest finds the routes and the models. All
 * schemas, names and texts come from the decorators that also validate requests and control access.
 */
export function openApiDocument(app: INestApplication, title: string, version: string): OpenApiDocument {
  const nest = SwaggerModule.createDocument(app, new DocumentBuilder().build(), {
    operationIdFactory: (controller, method) => `${controller}.${method}`,
  });
  const handlers = new Handlers(app);
  const names = new Set(Object.keys(nest.components?.schemas ?? {}));
  const schemas = new Map(Object.entries(STANDARD_SCHEMAS));
  const models = modelsByName();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { path, method, operation } of operationsOf(nest.paths)) {
    const written = fastApiOperation(path, method, operation, handlers.get(operation.operationId));
    (paths[path] ??= {})[method] = written;
    const formModel = formModelOf(operation);
    if (formModel === undefined) continue;
    const name = formName(String(written.operationId));
    schemas.set(name, modelSchema(models.get(formModel) ?? {}, name));
    names.delete(formModel);
  }
  for (const name of names) schemas.set(name, modelSchema(models.get(name) ?? {}, name));
  return {
    openapi: '3.1.0',
    info: { title, version },
    paths,
    components: { schemas: Object.fromEntries([...schemas].toSorted(byName)), securitySchemes: SECURITY_SCHEMES },
  };
}

/** The operations in FastAPI's order: routers (here the tags, by name), then routes in the order of declaration. */
function operationsOf(paths: object): { path: string; method: string; operation: NestOperation }[] {
  return Object.entries(paths as Record<string, Record<string, NestOperation>>)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .toSorted((a, b) => byName([tagOf(a.operation), a], [tagOf(b.operation), b]));
}

function tagOf({ tags }: NestOperation): string {
  return tags?.[0] ?? '';
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
