import { AppError, type ErrorDefinition, type ErrorOccurrence } from './app-error.js';

/** A declared error and the factory of its occurrences: `throw usernameTaken()`. */
export interface ErrorType extends Readonly<Required<ErrorDefinition>> {
  (occurrence?: ErrorOccurrence): AppError;
}

const CODE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;

const catalogue = new Map<string, ErrorType>();

/**
 * Declares an error for the code that throws it, the documentation and the OpenAPI document.
 *
 * @throws RangeError if the code is already declared or does not have the form `feature.reason`
 */
export function defineError(definition: ErrorDefinition): ErrorType {
  const { code } = definition;
  if (!CODE.test(code)) throw new RangeError(`the code ${code} does not have the form feature.reason`);
  if (catalogue.has(code)) throw new RangeError(`the error ${code} is declared twice`);
  const complete = { title: titleOf(code), headers: {}, ...definition };
  const make = (occurrence?: ErrorOccurrence) => new AppError(complete, occurrence);
  const type: ErrorType = Object.assign(make, complete);
  catalogue.set(code, type);
  return type;
}

/** Every declared error, sorted by code. */
export function errorCatalogue(): readonly ErrorType[] {
  return [...catalogue.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

/** `users.username_taken` to `Username taken`. */
function titleOf(code: string): string {
  const reason = code.slice(code.indexOf('.') + 1).replaceAll('_', ' ');
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}
