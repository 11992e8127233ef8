import type { ErrorType } from '../../platform/http/error-catalogue.js';

const declaredErrors = new WeakMap<object, readonly ErrorType[]>();

/** The errors that a handler's decorator declares. */
export function apiErrorsOf(handler: object): readonly ErrorType[] {
  return declaredErrors.get(handler) ?? [];
}

/**
 * Declares errors with which the handler may answer. Errors that all handlers of a kind share need no declaration:
 * those of tokens, bodies, validation and rate limits.
 */
export function ApiErrors(...types: readonly ErrorType[]): MethodDecorator {
  return (_target, _name, descriptor) => {
    declaredErrors.set(descriptor.value as object, types);
  };
}
