import { exampleOf, fieldsOf, type JsonSchema, type ModelField } from '../validation/model.js';

/** The schema of a model as pydantic writes it: properties with titles, and `anyOf` with null for optional ones. */
export function modelSchema(model: object, title: string): JsonSchema {
  const fields = fieldsOf(model);
  const required = fields.filter(isRequired).map(({ name }) => name);
  const example = exampleOf(model);
  return {
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    title,
    ...(Object.keys(example).length > 0 ? { examples: [example] } : {}),
  };
}

export function isRequired({ optional, omittable, default: value }: ModelField): boolean {
  return !optional && !omittable && value === undefined;
}

/** The schema of a field or of a query or path parameter. Swagger UI fills forms with the example. */
export function fieldSchema(field: ModelField): JsonSchema {
  const { name, optional, default: value, schema, format, description, example } = field;
  const type = optional ? { anyOf: [schema, { type: 'null' }] } : schema;
  // pydantic writes no title for a reference to another schema.
  if ('$ref' in schema) return { ...type, ...(description ? { description } : {}) };
  return {
    ...type,
    ...(format ? { format } : {}),
    title: titleOf(name),
    ...(value === undefined ? {} : { default: value }),
    ...(description ? { description } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  };
}

/** `created_at` becomes `Created At`, as with Python's `str.title()`. */
export function titleOf(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/[A-Za-z]+/g, (word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase());
}
