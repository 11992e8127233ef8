import { fieldsOf, type JsonSchema, type ModelField } from '../validation/model.js';

/** The schema of a model as pydantic writes it: titled properties, `anyOf` with null for what may be null. */
export function modelSchema(model: object, title: string): JsonSchema {
  const fields = fieldsOf(model);
  const required = fields.filter(isRequired).map(({ name }) => name);
  const examples = fields.filter(({ example }) => example !== undefined).map(({ name, example }) => [name, example]);
  return {
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    title,
    ...(examples.length > 0 ? { examples: [Object.fromEntries(examples)] } : {}),
  };
}

export function isRequired({ optional, default: value }: ModelField): boolean {
  return !optional && value === undefined;
}

/** The schema of one field; of a query or path parameter too. Swagger UI fills the fields of a form with the example. */
export function fieldSchema(field: ModelField): JsonSchema {
  const { name, optional, default: value, schema, format, description, example } = field;
  return {
    ...(optional ? { anyOf: [schema, { type: 'null' }] } : schema),
    ...(format ? { format } : {}),
    title: titleOf(name),
    ...(value === undefined ? {} : { default: value }),
    ...(description ? { description } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  };
}

/** `created_at` to `Created At`, as Python's `str.title()`. */
export function titleOf(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/[A-Za-z]+/g, (word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase());
}
