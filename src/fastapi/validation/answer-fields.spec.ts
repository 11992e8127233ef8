import { ApiSchema } from '@nestjs/swagger';
import { fieldSchema, isRequired, modelSchema } from '../openapi/model-schema.js';
import { AnyObjectField, IntegerField, ListField, ObjectField, StringField } from './field.decorators.js';
import { fieldsOf } from './model.js';
import { JsonSource } from './sources.js';
import { validateModel } from './validate-model.js';

@ApiSchema({ name: 'Wheel' })
class WheelResponse {
  @IntegerField({ example: 26 })
  inches: number;
}

class SpokedWheel extends WheelResponse {
  @IntegerField({ example: 36 })
  spokes: number;
}

class Bicycle {
  @ListField(WheelResponse)
  wheels: readonly WheelResponse[];

  @ObjectField(SpokedWheel, { optional: true, description: 'In the boot.' })
  spare: SpokedWheel | null;

  @AnyObjectField({ example: { bell: true } })
  extras: object;
}

describe('fields that refer to other models', () => {
  const schemas = fieldsOf(Bicycle).map((field) => [field.name, fieldSchema(field)]);

  it('are written as pydantic writes them, with the name of each schema', () => {
    expect(Object.fromEntries(schemas)).toEqual({
      wheels: {
        items: { $ref: '#/components/schemas/Wheel' },
        type: 'array',
        title: 'Wheels',
        examples: [[{ inches: 26 }]],
      },
      spare: {
        anyOf: [{ $ref: '#/components/schemas/SpokedWheel' }, { type: 'null' }],
        description: 'In the boot.',
      },
      extras: { additionalProperties: true, type: 'object', title: 'Extras', examples: [{ bell: true }] },
    });
  });

  it('include the examples of the models they refer to', () => {
    expect(modelSchema(Bicycle, 'Bicycle').examples).toEqual([
      { wheels: [{ inches: 26 }], spare: { inches: 26, spokes: 36 }, extras: { bell: true } },
    ]);
  });
});

class BicyclePatch {
  @StringField({ omittable: true, minLength: 2 })
  name?: string | undefined;

  @StringField({ omittable: true, optional: true, maxLength: 3 })
  colour?: string | null | undefined;
}

describe('an omittable field', () => {
  const read = (value: Record<string, unknown>) =>
    validateModel(BicyclePatch, new JsonSource(value, JSON.stringify(value)));

  it('is undefined if it is absent, unlike null', () => {
    expect(read({})).toEqual({ name: undefined, colour: undefined });
    expect(read({ colour: null })).toStrictEqual(Object.assign(new BicyclePatch(), { name: undefined, colour: null }));
  });

  it('follows its rules if it is present', () => {
    expect(() => read({ name: null })).toThrow(
      expect.objectContaining({ entries: [expect.objectContaining({ type: 'string_type' })] }),
    );
    expect(() => read({ name: 'x', colour: 'blue' })).toThrow(
      expect.objectContaining({
        entries: [
          expect.objectContaining({ loc: ['body', 'name'], type: 'string_too_short' }),
          expect.objectContaining({ loc: ['body', 'colour'], type: 'string_too_long' }),
        ],
      }),
    );
  });

  it('is not required', () => {
    expect(fieldsOf(BicyclePatch).map(isRequired)).toEqual([false, false]);
  });
});
