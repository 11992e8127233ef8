import { ValidateBy } from 'class-validator';
import { RequestValidationError } from '../errors/validation-error.js';
import { stringifyLossless } from '../json/lossless-json.js';
import { BooleanField, DateTimeField, EmailField, IntegerField, StringField } from './field.decorators.js';
import type { ModelClass } from './model.js';
import { ParameterSource } from './sources.js';
import { validateBody, validateModel } from './validate-model.js';

const NotRoot = () =>
  ValidateBy({
    name: 'notRoot',
    validator: { validate: (value) => value !== 'root', defaultMessage: () => 'username cannot be root' },
  });

class Everything {
  @StringField({ minLength: 3, maxLength: 5, normalize: (text) => text.normalize('NFKC') })
  @NotRoot()
  username: string;

  @StringField({ secret: true, minLength: 6 })
  password: string;

  @EmailField({ maxLength: 20, optional: true })
  email: string | null;

  @IntegerField({ minimum: 1, maximum: 100, default: 50 })
  limit: number;

  @BooleanField({ default: false })
  flag: boolean;

  @StringField({ values: ['a', 'b'], optional: true, default: 'a' })
  choice: string | null;

  @StringField({ pattern: /^[a-z]+$/, optional: true })
  slug: string | null;

  @DateTimeField({ optional: true })
  at: unknown;
}

const VALID = { username: 'john', password: 'secret' };

const json = (value: unknown, text = JSON.stringify(value)) => ({ kind: 'json' as const, value, text });
const read = (value: object) => validateBody(Everything, json({ ...VALID, ...value }));

function refusal<T extends object>(run: () => T): unknown[] {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestValidationError) return JSON.parse(stringifyLossless(error.entries)) as unknown[];
    throw error;
  }
  return [];
}

describe('validateBody', () => {
  it('returns an instance with only the declared fields, defaults and null filled in', () => {
    const model = validateBody(Everything, json({ ...VALID, is_superuser: true, constructor: 1 }));
    expect(model).toBeInstanceOf(Everything);
    expect({ ...model }).toEqual({
      ...VALID,
      email: null,
      limit: 50,
      flag: false,
      choice: 'a',
      slug: null,
      at: null,
    });
  });

  it('accepts null for an optional field, even if it has a default', () => {
    expect(read({ email: null, choice: null })).toMatchObject({ email: null, choice: null });
  });

  it('coerces and normalises', () => {
    const sent = { username: 'ｊｏｈｎ', email: ' John@EXAMPLE.com ', limit: ' 1_0 ', flag: 'YES', at: { any: 1 } };
    expect(read(sent)).toMatchObject({
      username: 'john',
      email: 'John@example.com',
      limit: 10,
      flag: true,
      at: { any: 1 },
    });
  });

  it('validates the normalised form, and echoes the form that was sent', () => {
    expect(read({ username: 'ﬃx' })).toMatchObject({ username: 'ffix' });
    expect(refusal(() => read({ username: '㍿㍿' }))).toMatchObject([{ type: 'string_too_long', input: '㍿㍿' }]);
  });

  it.each<[string, object, object]>([
    ['username', { username: 'ab' }, { type: 'string_too_short', ctx: { min_length: 3 }, input: 'ab' }],
    ['username', { username: '💡💡' }, { type: 'string_too_short' }],
    ['username', { username: 'abcdef' }, { type: 'string_too_long', ctx: { max_length: 5 } }],
    [
      'username',
      { username: 'root' },
      { type: 'value_error', msg: 'Value error, username cannot be root', ctx: { error: {} } },
    ],
    ['username', { username: 5 }, { type: 'string_type', input: 5 }],
    ['username', { username: null }, { type: 'string_type', input: null }],
    ['username', { username: 'a\0' }, { type: 'string_unicode', input: '**********' }],
    ['password', { password: 'short' }, { type: 'string_too_short', input: '**********' }],
    ['password', { password: ['secret'] }, { type: 'string_type', input: '**********' }],
    ['email', { email: 'john' }, { type: 'value_error', ctx: { reason: 'An email address must have an @-sign.' } }],
    ['email', { email: 'john.the.great@example.com' }, { type: 'string_too_long', ctx: { max_length: 20 } }],
    ['email', { email: 'x'.repeat(30) }, { type: 'value_error' }],
    ['limit', { limit: 0 }, { type: 'greater_than_equal', ctx: { ge: 1 }, input: 0 }],
    ['limit', { limit: '101' }, { type: 'less_than_equal', ctx: { le: 100 }, input: '101' }],
    ['limit', { limit: '1e3' }, { type: 'int_parsing' }],
    ['limit', { limit: null }, { type: 'int_type', input: null }],
    ['flag', { flag: 2 }, { type: 'bool_parsing' }],
    ['flag', { flag: {} }, { type: 'bool_type', input: {} }],
    ['choice', { choice: 'c' }, { type: 'literal_error', ctx: { expected: "'a' or 'b'" } }],
    ['choice', { choice: 1 }, { type: 'literal_error', input: 1 }],
    ['slug', { slug: 'A' }, { type: 'string_pattern_mismatch', ctx: { pattern: '^[a-z]+$' } }],
    ['slug', { slug: 'a\n' }, { type: 'string_pattern_mismatch' }],
  ])('rejects an invalid %s with one error: %j', (name, sent, expected) => {
    expect(refusal(() => read(sent))).toMatchObject([{ ...expected, loc: ['body', name] }]);
  });

  it('lists the first error of each field in the order of the fields, whatever the order sent', () => {
    const sent = json({ slug: 'A', limit: 0, email: 'x', username: 'root!!' });
    const entries = refusal(() => validateBody(Everything, sent)) as { loc: string[]; type: string }[];
    expect(entries.map(({ loc, type }) => [loc[1], type])).toEqual([
      ['username', 'string_too_long'],
      ['password', 'missing'],
      ['email', 'value_error'],
      ['limit', 'greater_than_equal'],
      ['slug', 'string_pattern_mismatch'],
    ]);
  });

  it('echoes the whole object, masked, for each missing field', () => {
    const input = { pasword: '**********', limit: 7 };
    expect(refusal(() => validateBody(Everything, json({ pasword: 'secret', limit: 7 })))).toEqual([
      { type: 'missing', loc: ['body', 'username'], msg: 'Field required', input },
      { type: 'missing', loc: ['body', 'password'], msg: 'Field required', input },
    ]);
  });

  it('writes the keys of an entry in pydantic’s order, ctx only if there is one', () => {
    const keys = (sent: object) => refusal(() => read(sent)).map((entry) => Object.keys(entry as object));
    expect(keys({ limit: 0 })).toEqual([['type', 'loc', 'msg', 'input', 'ctx']]);
    expect(keys({ limit: null })).toEqual([['type', 'loc', 'msg', 'input']]);
  });

  it('accepts an empty object', () => {
    class AllOptional {
      @StringField({ optional: true })
      a: string | null;
    }
    expect({ ...validateBody(AllOptional, json({})) }).toEqual({ a: null });
  });

  const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  const notAnObject = {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
  };

  it.each([
    ['an empty body', { kind: 'none' as const }, missing],
    ['another media type', { kind: 'text' as const }, { ...notAnObject, input: '**********' }],
    ['a number', json(5, '5.0'), { ...notAnObject, input: 5 }],
    ['a string, which may be a password', json('secret'), { ...notAnObject, input: '**********' }],
    ['a list', json([1, 'x', { a: 1 }]), { ...notAnObject, input: [1, 'x', { a: '**********' }] }],
    ['true', json(true), { ...notAnObject, input: true }],
  ])('rejects %s', (_, body, entry) => {
    expect(refusal(() => validateBody(Everything, body))).toEqual([entry]);
  });

  it('reads a form, in which an empty value counts as absent', () => {
    const fields = new Map([
      ['username', ['john']],
      ['password', ['']],
      ['limit', ['']],
    ]);
    expect(refusal(() => validateBody(Everything, { kind: 'form', fields }))).toEqual([
      { type: 'missing', loc: ['body', 'password'], msg: 'Field required', input: null },
    ]);
    fields.set('password', ['secret']);
    expect(validateBody(Everything, { kind: 'form', fields })).toMatchObject({ ...VALID, limit: 50 });
  });
});

describe('validateModel', () => {
  class Page {
    @IntegerField({ minimum: 1, maximum: 100, default: 50 })
    limit: number;

    @IntegerField()
    id: number;
  }

  const from = (model: ModelClass, location: 'query' | 'path', parameters: Record<string, unknown>) =>
    refusal(() => validateModel(model, new ParameterSource(location, parameters)));

  it('converts strings to the type of the field, and uses the last of repeated values', () => {
    const page = validateModel(Page, new ParameterSource('query', { limit: ['0', ' 7 '], id: '+1', other: 'x' }));
    expect({ ...page }).toEqual({ limit: 7, id: 1 });
  });

  it('reports the location of an invalid value, and echoes the string as sent', () => {
    expect(from(Page, 'query', { limit: '0' })).toEqual([
      {
        type: 'greater_than_equal',
        loc: ['query', 'limit'],
        msg: 'Input should be greater than or equal to 1',
        input: '0',
        ctx: { ge: 1 },
      },
      { type: 'missing', loc: ['query', 'id'], msg: 'Field required', input: null },
    ]);
    expect(from(Page, 'path', { id: '' })).toMatchObject([{ type: 'int_parsing', loc: ['path', 'id'], input: '' }]);
  });
});
