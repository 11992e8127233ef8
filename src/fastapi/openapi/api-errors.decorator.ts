import type { ErrorType } from '../../platform/http/error-catalogue.js';

const answers = new WeakMap<object, readonly ErrorType[]>();

/** The errors that a handler's decorator declares. */
export function apiErrorsOf(handler: object): readonly ErrorType[] {
  return answers.get(handler) ?? [];
}

/**
 * The handler may answer so. What holds for every handler of its kind is documented without this: the errors of a token,
 * of a body, of validation and of limits.
 */
export function ApiErrors(...types: readonly ErrorType[]): MethodDecorator {
  return (_target, _name, descriptor) => {
    answers.set(descriptor.value as object, types);
  };
}
