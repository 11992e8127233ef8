import { ApiSchema } from '@nestjs/swagger';
import { BooleanField, DateTimeField, EmailField, IntegerField, StringField } from './field.decorators.js';
import { fieldsOf, modelsByName } from './model.js';

class Base {
  @IntegerField({ minimum: 1, maximum: 100 })
  count: number;

  @StringField({ maxLength: 5, description: 'A tag', example: 'x' })
  tag: string | null;
}

@ApiSchema({ name: 'Renamed' })
class Derived extends Base {
  @BooleanField({ default: true })
  flag: boolean;

  @StringField({ optional: true, minLength: 2, secret: true, format: 'password' })
  declare tag: string | null;

  @DateTimeField()
  at: string;
}

const names = (model: object) => fieldsOf(model).map(({ name }) => name);
const field = (model: object, name: string) => fieldsOf(model).find((each) => each.name === name);

describe('fieldsOf', () => {
  it('lists each field once in the order of declaration, those of the parent first', () => {
    expect(names(Base)).toEqual(['count', 'tag']);
    expect(names(Derived)).toEqual(['count', 'tag', 'flag', 'at']);
  });

  it('returns the same list each time', () => {
    expect(fieldsOf(Base)).toBe(fieldsOf(Base));
  });

  it('is empty for a class without fields and for foreign objects', () => {
    class Plain {}
    expect(fieldsOf(Plain)).toEqual([]);
    expect(fieldsOf(Object)).toEqual([]);
    expect(fieldsOf({})).toEqual([]);
  });

  it('has the type and constraints of a field', () => {
    expect(field(Base, 'count')).toMatchObject({ typeConstraint: 'isInt', optional: false, default: undefined });
    expect(field(Base, 'count')?.constraints.get('min')).toEqual([1]);
    expect(field(Base, 'count')?.constraints.get('max')).toEqual([100]);
    expect(field(Base, 'tag')).toMatchObject({ typeConstraint: 'isString', description: 'A tag', example: 'x' });
    expect(field(Derived, 'flag')).toMatchObject({ typeConstraint: 'isBoolean', default: true });
    expect(field(Derived, 'at')).toMatchObject({ typeConstraint: undefined });
  });

  it('lets a child redeclare a field without the constraints of its parent', () => {
    expect(field(Derived, 'tag')).toMatchObject({
      optional: true,
      secret: true,
      format: 'password',
      description: undefined,
    });
    expect([...(field(Derived, 'tag')?.constraints.keys() ?? [])].toSorted()).toEqual(['isString', 'minLength']);
    expect([...(field(Base, 'tag')?.constraints.keys() ?? [])].toSorted()).toEqual(['isString', 'maxLength']);
    expect(field(Derived, 'count')?.constraints.get('max')).toEqual([100]);
  });

  it('writes the JSON Schema of a value with pydantic’s order of keywords', () => {
    class Schemas {
      @StringField({ minLength: 1, maxLength: 2, pattern: /^a$/ })
      text: string;

      @StringField({ values: ['a', 'b'] })
      choice: string;

      @EmailField({ maxLength: 100 })
      email: string;

      @IntegerField({ minimum: 0, maximum: 9 })
      count: number;
    }
    const schemas = fieldsOf(Schemas).map(({ schema }) => JSON.stringify(schema));
    expect(schemas).toEqual([
      '{"type":"string","maxLength":2,"minLength":1,"pattern":"^a$"}',
      '{"type":"string","enum":["a","b"]}',
      '{"type":"string","maxLength":100,"format":"email"}',
      '{"type":"integer","maximum":9,"minimum":0}',
    ]);
  });
});

describe('modelsByName', () => {
  it('has each model under the name of its class or of its @ApiSchema', () => {
    expect(modelsByName().get('Base')).toBe(Base);
    expect(modelsByName().get('Renamed')).toBe(Derived);
    expect(modelsByName().has('Derived')).toBe(false);
  });
});
