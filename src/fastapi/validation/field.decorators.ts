import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { IsEmailAddress, normalizeEmail } from './email.decorator.js';
import { MaxCodePoints, MinCodePoints } from './length.decorators.js';
import { declareField, exampleOf, type FieldDeclaration, type JsonSchema, referenceTo } from './model.js';
import { UNSTATED_MAX_LENGTH } from './text-limit.js';

interface FieldOptions {
  /** May be absent or null, and is null then: pydantic's `X | None = None`. */
  optional?: boolean;
  /** May be absent, and is undefined then: what a PATCH leaves as it is. */
  omittable?: boolean;
  /** May be absent, and is this then. */
  default?: unknown;
  /** Shown in the OpenAPI document. */
  example?: unknown;
  /** For a reader of the OpenAPI document. */
  description?: string;
}

interface StringFieldOptions extends FieldOptions {
  minLength?: number;
  maxLength?: number;
  /**
   * The maximum in code points if the document states none: a much longer text is refused before it is read. Infinity
   * leaves the check to the handler, because a sign-in answers every text alike.
   */
  textLimit?: number;
  pattern?: RegExp;
  /** One of these. */
  values?: readonly string[];
  format?: string;
  /** Never echoed: masked wherever the input is shown. */
  secret?: boolean;
  /** The form in which the text is measured and kept. */
  normalize?: (text: string) => string;
}

/** A text; every length is in code points. */
export function StringField(options: StringFieldOptions = {}): PropertyDecorator {
  const { minLength, maxLength, pattern, values, format, secret, normalize } = options;
  const textLimit = maxLength ?? options.textLimit ?? UNSTATED_MAX_LENGTH;
  // In the order in which pydantic writes them.
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
  // What is none of the listed values is refused as that, not as a text.
  const type = { decorators: values ? [] : [IsString()] };
  return field(options, { type: 'string' }, [type, ...rules], { format, secret, normalize, textLimit });
}

/** An e-mail address in python-email-validator's rules, at most `maxLength` code points when normalised. */
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

/** A moment of an answer: RFC 3339 in UTC with `Z`. */
export function DateTimeField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', format: 'date-time' }, []);
}

/** A list of an answer, its items of a model that is declared before. */
export function ListField(item: object, options: Omit<FieldOptions, 'example'> = {}): PropertyDecorator {
  const schema = { items: referenceTo(item), type: 'array' };
  return both(field({ ...options, example: [exampleOf(item)] }, schema, []), ApiProperty({ type: [item] as never }));
}

/** An object of an answer, of a model that is declared before. */
export function ObjectField(model: object, options: Omit<FieldOptions, 'example'> = {}): PropertyDecorator {
  const declared = field({ ...options, example: exampleOf(model) }, referenceTo(model), []);
  return both(declared, ApiProperty({ type: model as never }));
}

/** An object of an answer whose members are not known beforehand. */
export function AnyObjectField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { additionalProperties: true, type: 'object' }, []);
}

/** The second one lets Nest's document know the model that is referred to. */
function both(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, name) => {
    for (const decorator of decorators) decorator(target, name);
  };
}

/** A class-validator constraint and what it is in JSON Schema. */
interface Rule {
  decorators: PropertyDecorator[];
  schema?: JsonSchema;
}

/** The rule of an option that may be absent: no rule then. */
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
    // Only so that Nest's document knows the model: its schema is written from the declaration above.
    ApiProperty({ required: false, type: 'string' })(target, name);
  };
}
