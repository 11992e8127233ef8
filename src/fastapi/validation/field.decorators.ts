import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { IsEmailAddress, normalizeEmail } from './email.decorator.js';
import { MaxCodePoints, MinCodePoints } from './length.decorators.js';
import { declareField, type FieldDeclaration, type JsonSchema } from './model.js';

interface FieldOptions {
  /** May be absent or null, and is null then: pydantic's `X | None = None`. */
  optional?: boolean;
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
  const schema: JsonSchema = { type: 'string' };
  const constraints: PropertyDecorator[] = [IsString()];
  // In the order in which pydantic writes them.
  if (values) (constraints.push(IsIn(values)), (schema.enum = values));
  if (maxLength !== undefined) (constraints.push(MaxCodePoints(maxLength)), (schema.maxLength = maxLength));
  if (minLength !== undefined) (constraints.push(MinCodePoints(minLength)), (schema.minLength = minLength));
  if (pattern) (constraints.push(Matches(pattern)), (schema.pattern = pattern.source));
  return field(options, schema, constraints, { format, secret, normalize });
}

/** An e-mail address in python-email-validator's rules, at most `maxLength` code points when normalised. */
export function EmailField(options: FieldOptions & { maxLength: number }): PropertyDecorator {
  const { maxLength } = options;
  const constraints = [IsString(), IsEmailAddress(), MaxCodePoints(maxLength)];
  return field(options, { type: 'string', maxLength, format: 'email' }, constraints, { normalize: normalizeEmail });
}

export function IntegerField(options: FieldOptions & { minimum?: number; maximum?: number } = {}): PropertyDecorator {
  const { minimum, maximum } = options;
  const schema: JsonSchema = { type: 'integer' };
  const constraints: PropertyDecorator[] = [IsInt()];
  if (maximum !== undefined) (constraints.push(Max(maximum)), (schema.maximum = maximum));
  if (minimum !== undefined) (constraints.push(Min(minimum)), (schema.minimum = minimum));
  return field(options, schema, constraints);
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'boolean' }, [IsBoolean()]);
}

/** A moment of an answer: RFC 3339 in UTC with `Z`. */
export function DateTimeField(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'string', format: 'date-time' }, []);
}

function field(
  options: FieldOptions,
  schema: JsonSchema,
  constraints: readonly PropertyDecorator[],
  traits: Pick<FieldDeclaration, 'secret' | 'normalize'> & { format?: string | undefined } = {},
): PropertyDecorator {
  const { format, ...rest } = traits;
  return (target, name) => {
    const { optional = false, default: value, example, description } = options;
    declareField(target.constructor, {
      name: String(name),
      optional,
      default: value,
      example,
      description,
      schema,
      format,
      ...rest,
    });
    for (const constraint of constraints) constraint(target, name);
    // Only so that Nest's document knows the model: its schema is written from the declaration above.
    ApiProperty({ required: false, type: 'string' })(target, name);
  };
}
