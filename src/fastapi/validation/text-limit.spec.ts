import { ValidateBy } from 'class-validator';
import { RequestValidationError } from '../errors/validation-error.js';
import { BooleanField, EmailField, IntegerField, StringField } from './field.decorators.js';
import { ParameterSource } from './sources.js';
import { validateBody, validateModel } from './validate-model.js';

function refusal(run: () => object): readonly unknown[] {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestValidationError) return error.entries;
    throw error;
  }
  return [];
}

describe('a string that is much too long', () => {
  const normalize = jest.fn((text: string) => text.normalize('NFKC'));
  const matches = jest.fn(() => true);
  const Read = () => ValidateBy({ name: 'read', validator: { validate: matches } });

  class Texts {
    @StringField({ optional: true, maxLength: 5, normalize })
    @Read()
    stated: string | null;

    @StringField({ optional: true, textLimit: 5, secret: true })
    @Read()
    unstated: string | null;

    @StringField({ optional: true })
    @Read()
    unlimited: string | null;

    @StringField({ optional: true, textLimit: Infinity })
    @Read()
    any: string | null;

    @EmailField({ optional: true, maxLength: 5 })
    email: string | null;
  }

  class Numbers {
    @IntegerField()
    limit: number;

    @BooleanField()
    flag: boolean;
  }

  const readText = (fields: object) =>
    validateBody(Texts, { kind: 'json', value: fields, text: JSON.stringify(fields) });

  beforeEach(() => {
    normalize.mockClear();
    matches.mockClear();
  });

  it.each([
    ['stated', 5, 'x'.repeat(41)],
    ['unstated', 5, '**********'],
    ['unlimited', 256, 'x'.repeat(2049)],
    ['email', 5, 'x'.repeat(41)],
  ])('is rejected in %s, where %i code points are allowed, before its rules run', (field, max, input) => {
    const text = 'x'.repeat(8 * max + 1);
    expect(refusal(() => readText({ [field]: text }))).toEqual([
      {
        type: 'string_too_long',
        loc: ['body', field],
        msg: `String should have at most ${max} characters`,
        input,
        ctx: { max_length: max },
      },
    ]);
    expect(normalize).not.toHaveBeenCalled();
    expect(matches).not.toHaveBeenCalledWith(text, expect.anything());
  });

  it.each([
    ['stated', 5],
    ['unstated', 5],
    ['unlimited', 256],
  ])('is validated in %s up to eight UTF-16 code units for each of %i code points', (field, max) => {
    refusal(() => readText({ [field]: 'x'.repeat(8 * max) }));
    expect(matches).toHaveBeenCalledWith('x'.repeat(8 * max), expect.anything());
  });

  it('is rejected if its normalised form is too long, before its rules run', () => {
    expect(refusal(() => readText({ stated: '\ufdfa'.repeat(5) }))).toMatchObject([{ type: 'string_too_long' }]);
    expect(matches).not.toHaveBeenCalledWith(expect.stringContaining(' '), expect.anything());
  });

  it('is left to the handler if there is no limit', () => {
    expect(readText({ any: 'x'.repeat(50_000) }).any).toHaveLength(50_000);
  });

  it('is not read as a number or a boolean', () => {
    const source = new ParameterSource('query', { limit: `${' '.repeat(5000)}7`, flag: `${' '.repeat(5000)}true` });
    expect(refusal(() => validateModel(Numbers, source))).toMatchObject([
      { type: 'int_parsing_size', loc: ['query', 'limit'] },
      { type: 'bool_parsing', loc: ['query', 'flag'] },
    ]);
  });
});
