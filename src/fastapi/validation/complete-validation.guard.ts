import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { RequestValidationError, type ValidationEntry } from '../errors/validation-error.js';
import { fieldsOf, type ModelClass } from './model.js';
import { ValidationPipe } from './validation.pipe.js';

/** The parts of a request that are read as models, in the order in which FastAPI lists their errors. */
const REQUEST_PARTS = [
  { parameter: RouteParamtypes.PARAM, type: 'param', key: 'params' },
  { parameter: RouteParamtypes.QUERY, type: 'query', key: 'query' },
  { parameter: RouteParamtypes.BODY, type: 'body', key: 'body' },
] as const;

type Part = (typeof REQUEST_PARTS)[number] & { model: ModelClass };
type RequestParts = Record<Part['key'], unknown>;

/**
 * Validates all parts of a request together. FastAPI lists all errors of a request in one 422, but Nest stops at the
 * first parameter whose pipe throws. If a handler takes several models, this guard reads them all after authentication,
 * and the pipes then pass them through. It is a guard because a pipe sees only one parameter and an interceptor would
 * slow down every request.
 */
@Injectable()
export class CompleteValidationGuard implements CanActivate {
  private readonly pipe = new ValidationPipe();
  private readonly parts = new WeakMap<object, readonly Part[]>();

  canActivate(context: ExecutionContext): boolean {
    const parts = this.partsOf(context);
    if (parts.length < 2) return true;
    const request = context.switchToHttp().getRequest<RequestParts>();
    const entries = parts.flatMap((part) => this.read(part, request));
    if (entries.length > 0) throw new RequestValidationError(entries);
    return true;
  }

  private read({ type, key, model }: Part, request: RequestParts): readonly ValidationEntry[] {
    try {
      request[key] = this.pipe.transform(request[key], { type, metatype: model });
      return [];
    } catch (error) {
      if (error instanceof RequestValidationError) return error.entries;
      throw error;
    }
  }

  private partsOf(context: ExecutionContext): readonly Part[] {
    const handler = context.getHandler();
    const known = this.parts.get(handler);
    if (known) return known;
    const parts = partsOf(context.getClass(), handler.name);
    this.parts.set(handler, parts);
    return parts;
  }
}

/** The models that a handler takes. A single value such as `@Query('limit')` is not a model. */
function partsOf(controller: Type, name: string): Part[] {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { index: number; data?: unknown }
  >;
  const types = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, name) ?? []) as ModelClass[];
  return REQUEST_PARTS.flatMap((part) =>
    Object.entries(args)
      .filter(([key, { data }]) => key.startsWith(`${part.parameter}:`) && data === undefined)
      .map(([, { index }]) => types[index])
      .filter((model) => model !== undefined && fieldsOf(model).length > 0)
      .map((model) => Object.assign({ model: model as ModelClass }, part)),
  );
}
