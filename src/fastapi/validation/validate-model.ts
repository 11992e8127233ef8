import { validateSync } from 'class-validator';
import type { ReceivedBody } from '../body/received-body.js';
import {
  entry,
  MASK,
  MISSING,
  NOT_AN_OBJECT,
  type PydanticError,
  RequestValidationError,
  type ValidationEntry,
} from '../errors/validation-error.js';
import { parseLossless } from '../json/json-scanner.js';
import { COERCIONS } from './coercion.js';
import { fieldsOf, type ModelClass, type ModelField } from './model.js';
import { firstError, stringTooLong } from './pydantic-rules.js';
import { FormSource, JsonSource, maskJson, type Source } from './sources.js';
import { isOverlong, UNSTATED_MAX_LENGTH } from './text-limit.js';

/**
 * Validates a body as a model.
 *
 * @returns a model with only its declared fields, coerced and normalised
 * @throws RequestValidationError with the first error of each field, in the order of the fields
 */
export function validateBody<T extends object>(model: ModelClass<T>, body: ReceivedBody): T {
  if (body.kind === 'none') throw new RequestValidationError([entry(['body'], null, MISSING)]);
  if (body.kind === 'form') return validateModel(model, new FormSource(body.fields));
  if (body.kind === 'text') throw new RequestValidationError([entry(['body'], MASK, NOT_AN_OBJECT)]);
  const { value, text } = body;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return validateModel(model, new JsonSource(value as Record<string, unknown>, text));
  }
  throw new RequestValidationError([entry(['body'], echoOfValue(body), NOT_AN_OBJECT)]);
}

/** Validates the fields of a source as a model. See `validateBody`. */
export function validateModel<T extends object>(model: ModelClass<T>, source: Source): T {
  const fields = fieldsOf(model);
  const instance = new model();
  const errors = new Map<string, PydanticError>();
  const absent = new Set<string>();
  for (const field of fields) {
    const outcome = readField(field, source);
    if (outcome === MISSING) absent.add(field.name);
    if ('type' in outcome) errors.set(field.name, outcome);
    else Object.assign(instance, { [field.name]: outcome.value });
  }
  for (const [name, error] of violationsOf(instance, fields)) {
    if (!errors.has(name)) errors.set(name, error);
  }
  if (errors.size === 0) return instance;
  throw new RequestValidationError(entriesOf(errors, absent, fields, source));
}

function readField(field: ModelField, source: Source): PydanticError | { value: unknown } {
  if (!source.has(field.name)) {
    if (field.omittable) return { value: undefined };
    if (field.default !== undefined) return { value: field.default };
    return field.optional ? { value: null } : MISSING;
  }
  const input = source.get(field.name);
  if (input === null && field.optional) return { value: null };
  const coercion = field.typeConstraint ? COERCIONS[field.typeConstraint]?.(input) : undefined;
  if (!coercion) return { value: input };
  if ('error' in coercion) return coercion.error;
  const { value } = coercion;
  return typeof value === 'string' ? readText(field, value) : { value };
}

/** Normalises a string. If it is overlong before or after that, the rules of the field do not see it. */
function readText(
  { textLimit = UNSTATED_MAX_LENGTH, normalize }: ModelField,
  text: string,
): PydanticError | { value: string } {
  if (isOverlong(text, textLimit)) return stringTooLong(textLimit);
  const value = normalize ? normalize(text) : text;
  return isOverlong(value, textLimit) ? stringTooLong(textLimit) : { value };
}

/** The violations that class-validator finds, as pydantic's errors by field. */
function violationsOf(instance: object, fields: readonly ModelField[]): Map<string, PydanticError> {
  const found = new Map<string, PydanticError>();
  for (const { property, constraints = {}, value } of validateSync(instance, { forbidUnknownValues: false })) {
    const field = fields.find(({ name }) => name === property);
    // Constraints do not apply to an optional field that is null, or to an omitted field.
    if (!field || (value === null && field.optional) || (value === undefined && field.omittable)) continue;
    const violations = Object.entries(constraints).map(([constraint, message]) => ({
      constraint,
      args: field.constraints.get(constraint) ?? [],
      message,
    }));
    found.set(property, firstError(violations, value));
  }
  return found;
}

function entriesOf(
  errors: ReadonlyMap<string, PydanticError>,
  absent: ReadonlySet<string>,
  fields: readonly ModelField[],
  source: Source,
): ValidationEntry[] {
  return fields.flatMap((field) => {
    const error = errors.get(field.name);
    if (!error) return [];
    // A string that is not valid Unicode cannot be echoed.
    const shown = error.type === 'string_unicode' ? MASK : source.echo(field);
    return [entry([source.location, field.name], absent.has(field.name) ? source.echoAll(fields) : shown, error)];
  });
}

/**
 * Masks a string, which may be a password. Other values are echoed as FastAPI does, with the values in objects masked.
 */
function echoOfValue({ value, text }: { value: unknown; text: string }): unknown {
  return typeof value === 'string' ? MASK : maskJson(parseLossless(text));
}
