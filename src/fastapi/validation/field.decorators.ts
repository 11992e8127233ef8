import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { IsEmailAddress, normalizeEmail } from './email.decorator.js';
import { MaxCodePoints, MinCodePoints } from './length.decorators.js';
import { declareField, exampleOf, type FieldDeclaration, type JsonSchema, referenceTo } from './model.js';
import { UNSTATED_MAX_LENGTH } from './text-limit.js';

interface FieldOptions {
  /** May be absent or null. An absent field is null: pydantic's `X | None = None`. */
  optional?: boolean;
  /** May be absent. An absent field is undefined, and a PATCH leaves it unchanged. */
  omittable?: boolean;
  /** May be absent. The value of an absent field. */
  default?: unknown;
  /** Shown in the OpenAPI document, as is `description`. */
  example?: unknown;
  description?: string;
}

interface StringFieldOptions extends FieldOptions {
  minLength?: number;
  maxLength?: number;
  /**
   * The maximum in code points if the document states none. A much longer string is rejected before any other check.
   * Infinity leaves the check to the handler: a sign-in answers alike for every string.
   */
  textLimit?: number;
  pattern?: RegExp;
  /** The allowed values. */
  values?: readonly string[];
  format?: string;
  /** Masked wherever the input is echoed. */
  secret?: boolean;
  /** Converts the string to the form that is validated and stored. */
  normalize?: (text: string) => string;
}

/** A string. Lengths are in code points. */
export function StringField(options: StringFieldOptions = {}): PropertyDecorator {
  const { minLength, maxLength, pattern, values, format, secret, normalize } = options;
  const textLimit = maxLength ?? options.textLimit ?? UNSTATED_MAX_LENGTH;
  // In the order in which pydantic writes the keywords.
  const rules = [
    rule('enum', values, (list) => IsIn([...list])),
    rule('maxLength', maxLength, MaxCodePoints),
    rule('minLength', minLength, MinCodePoints),
    rule(
      'pattern',
      pattern,
      (expression) => Matches(expression),
      ({ source }) => source,
    ),
  ];
  // A field with listed values rejects other types with the error of the list.
  const type = { decorators: values ? [] : [IsString()] };
  return field(options, { type: 'string' }, [type, ...rules], { format, secret, normalize, textLimit });
}

/** An e-mail address by python-email-validator's rules, with at most `maxLength` code points after normalisation. */
export function EmailField(options: FieldOptions & { maxLength: number }): PropertyDecorator {
  const rules = [
    { decorators: [IsString()] },
    rule('maxLength', options.maxLength, MaxCodePoints),
    { decorators: [IsEmailAddress()], schema: { format: 'email' } },
  ];
  return field(options, { type: 'string' }, rules, { normalize: normalizeEmail, textLimit: options.maxLength });
}

export function IntegerField(options: FieldOptions & { minimum?: number; maximum?: number } = {}): PropertyDecorator {
  const rules = [
    { decorators: [IsInt()] },
    rule('maximum', options.maximum, Max),
    rule('minimum', options.minimum, Min),
  ];
  return field(options, { type: 'integer' }, rules);
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'boolean' }, [{ decorators: [IsBoolean()] }]);
}

/** A time in a response: RFC 3339 in UTC with `Z`. */
export function DateTimeField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', format: 'date-time' }, []);
}

/** A list in a response. The model of its items must be declared first. */
export function ListField(item: object, options: Omit<FieldOptions, 'example'> = {}): PropertyDecorator {
  const schema = { items: referenceTo(item), type: 'array' };
  return both(field({ ...options, example: [exampleOf(item)] }, schema, []), ApiProperty({ type: [item] as never }));
}

/** An object in a response. Its model must be declared first. */
export function ObjectField(model: object, options: Omit<FieldOptions, 'example'> = {}): PropertyDecorator {
  const declared = field({ ...options, example: exampleOf(model) }, referenceTo(model), []);
  return both(declared, ApiProperty({ type: model as never }));
}

/** An object with arbitrary members in a response. */
export function AnyObjectField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { additionalProperties: true, type: 'object' }, []);
}

/** Combines a field with the decorator that makes the referenced model known to Nest's document. */
function both(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, name) => {
    for (const decorator of decorators) decorator(target, name);
  };
}

/** A class-validator constraint and its JSON Schema keywords. */
interface Rule {
  decorators: PropertyDecorator[];
  schema?: JsonSchema;
}

/** The rule of an option. An absent option has no rule. */
function rule<T>(
  keyword: string,
  value: T | undefined,
  constraint: (value: T) => PropertyDecorator,
  inSchema: (value: T) => unknown = (same) => same,
): Rule {
  return value === undefined
    ? { decorators: [] }
    : { decorators: [constraint(value)], schema: { [keyword]: inSchema(value) } };
}

function field(
  options: FieldOptions,
  type: JsonSchema,
  rules: readonly Rule[],
  traits: Pick<FieldDeclaration, 'format' | 'secret' | 'normalize' | 'textLimit'> = {},
): PropertyDecorator {
  const { optional = false, omittable = false, default: value, example, description } = options;
  const schema = Object.assign({}, type, ...rules.map((each) => each.schema)) as JsonSchema;
  return (target, name) => {
    declareField(target.constructor, {
      name: String(name),
      optional,
      omittable,
      default: value,
      example,
      description,
      schema,
      ...traits,
    });
    for (const decorator of rules.flatMap(({ decorators }) => decorators)) decorator(target, name);
    // Only makes the model known to Nest's document. Its schema is written from the declaration above.
    ApiProperty({ required: false, type: 'string' })(target, name);
  };
}
