import { getMetadataStorage } from 'class-validator';
import { COERCIONS } from './coercion.js';

export type JsonSchema = Record<string, unknown>;

/** One field of a request or response model, as declared by its decorator. */
export interface FieldDeclaration {
  /** The name on the wire. */
  name: string;
  /** May be absent or null. */
  optional: boolean;
  /** May be absent. An absent field is undefined, and a PATCH leaves it unchanged. */
  omittable?: boolean | undefined;
  /** The value of an absent field. Undefined if there is no default except null. */
  default: unknown;
  /** JSON Schema of a value that is not null. */
  schema: JsonSchema;
  /** JSON Schema format that pydantic writes next to `anyOf`, as for passwords, and not inside it. */
  format?: string | undefined;
  example?: unknown;
  description?: string | undefined;
  secret?: boolean | undefined;
  normalize?: ((text: string) => string) | undefined;
  /** Maximum number of code points of a string, whether the document states it or not. See `isOverlong`. */
  textLimit?: number | undefined;
}

/** A class whose properties have field decorators. */
export type ModelClass<T extends object = object> = new () => T;

export interface ModelField extends FieldDeclaration {
  /** Name of the class-validator constraint that determines the type: `isString`. */
  typeConstraint: string | undefined;
  /** Arguments of the other constraints, by name. */
  constraints: ReadonlyMap<string, readonly unknown[]>;
}

const declarations = new Map<object, FieldDeclaration[]>();
const models = new Map<object, readonly ModelField[]>();

export function declareField(model: object, declaration: FieldDeclaration): void {
  declarations.set(model, [...(declarations.get(model) ?? []), declaration]);
}

/**
 * The fields of a model in the order of declaration, those of its parent class first. A redeclared field keeps its
 * position. Empty for a class that is not a model.
 */
export function fieldsOf(model: object): readonly ModelField[] {
  const known = models.get(model);
  if (known) return known;
  const byName = new Map(declaredBy(model).map((declaration) => [declaration.name, declaration]));
  const fields = [...byName.values()].map((declaration) => withConstraints(model, declaration));
  models.set(model, fields);
  return fields;
}

function declaredBy(model: object): FieldDeclaration[] {
  const parent = Object.getPrototypeOf(model) as object | null;
  const own = declarations.get(model) ?? [];
  return parent === null ? own : [...declaredBy(parent), ...own];
}

function withConstraints(model: object, declaration: FieldDeclaration): ModelField {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(model as () => void, '', true, false);
  const constraints = new Map<string, readonly unknown[]>();
  for (const { propertyName, name, constraints: args } of metadata) {
    if (propertyName === declaration.name && name) constraints.set(name, (args as unknown[] | undefined) ?? []);
  }
  const typeConstraint = [...constraints.keys()].find((name) => name in COERCIONS);
  return { ...declaration, typeConstraint, constraints };
}

/** Every model by its name in the OpenAPI document: that of its `@ApiSchema`, otherwise that of the class. */
export function modelsByName(): ReadonlyMap<string, object> {
  return new Map([...declarations.keys()].map((model) => [schemaNameOf(model), model]));
}

/** The name of a model in the OpenAPI document. */
export function schemaNameOf(model: object): string {
  const schemas = Reflect.getOwnMetadata('swagger/apiSchema', model) as { name?: string }[] | undefined;
  return schemas?.at(-1)?.name ?? (model as { name: string }).name;
}

/** The prefix of a reference to a schema. */
export const REFERENCE = '#/components/schemas/';

export function referenceTo(model: object): JsonSchema {
  return { $ref: `${REFERENCE}${schemaNameOf(model)}` };
}

/** The example of a model, composed of the examples of its fields. */
export function exampleOf(model: object): Record<string, unknown> {
  const examples = fieldsOf(model).filter(({ example }) => example !== undefined);
  return Object.fromEntries(examples.map(({ name, example }) => [name, example]));
}
