import { AppError, type ErrorDefinition, type ErrorOccurrence } from './app-error.js';

/** A declared error, which makes the error when it is called: `throw usernameTaken()`. */
export interface ErrorType extends Readonly<Required<ErrorDefinition>> {
  (occurrence?: ErrorOccurrence): AppError;
}

const CODE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;

const catalogue = new Map<string, ErrorType>();

/**
 * Declares an error once, for the throw, the documents and the OpenAPI document alike.
 *
 * @throws RangeError for a code that is declared already or is not of the form `feature.reason`
 */
export function defineError(definition: ErrorDefinition): ErrorType {
  const { code } = definition;
  if (!CODE.test(code)) throw new RangeError(`the code ${code} is not of the form feature.reason`);
  if (catalogue.has(code)) throw new RangeError(`the error ${code} is declared twice`);
  const complete = { title: titleOf(code), headers: {}, ...definition };
  const make = (occurrence?: ErrorOccurrence) => new AppError(complete, occurrence);
  const type: ErrorType = Object.assign(make, complete);
  catalogue.set(code, type);
  return type;
}

/** Every error that has been declared, by its code. */
export function errorCatalogue(): readonly ErrorType[] {
  return [...catalogue.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

/** `users.username_taken` to `Username taken`. */
function titleOf(code: string): string {
  const reason = code.slice(code.indexOf('.') + 1).replaceAll('_', ' ');
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}
