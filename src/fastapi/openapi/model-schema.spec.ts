import { BooleanField, DateTimeField, EmailField, IntegerField, StringField } from '../validation/field.decorators.js';
import { fieldsOf } from '../validation/model.js';
import { fieldSchema, isRequired, modelSchema, titleOf } from './model-schema.js';

class Account {
  @IntegerField({ minimum: 1, example: 1 })
  id: number;

  @StringField({ minLength: 3, maxLength: 50, example: 'john' })
  username: string;

  @EmailField({ maxLength: 100, optional: true })
  email: string | null;

  @StringField({ optional: true, format: 'password', secret: true })
  client_secret: string | null;

  @StringField({ format: 'password', secret: true, description: 'Never shown.' })
  password: string;

  @StringField({ default: '' })
  scope: string;

  @BooleanField({ optional: true, default: false })
  is_active: boolean | null;

  @DateTimeField()
  created_at: string;
}

const schemaOf = (name: string) => {
  const field = fieldsOf(Account).find((each) => each.name === name);
  return field && JSON.stringify(fieldSchema(field));
};

describe('fieldSchema', () => {
  // As FastAPI writes them, with the same order of keys, and with the examples that it writes for `examples=[…]`.
  it.each([
    ['id', '{"type":"integer","minimum":1,"title":"Id","examples":[1]}'],
    ['username', '{"type":"string","maxLength":50,"minLength":3,"title":"Username","examples":["john"]}'],
    ['email', '{"anyOf":[{"type":"string","maxLength":100,"format":"email"},{"type":"null"}],"title":"Email"}'],
    ['client_secret', '{"anyOf":[{"type":"string"},{"type":"null"}],"format":"password","title":"Client Secret"}'],
    ['password', '{"type":"string","format":"password","title":"Password","description":"Never shown."}'],
    ['scope', '{"type":"string","title":"Scope","default":""}'],
    ['is_active', '{"anyOf":[{"type":"boolean"},{"type":"null"}],"title":"Is Active","default":false}'],
    ['created_at', '{"type":"string","format":"date-time","title":"Created At"}'],
  ])('writes %s', (name, expected) => {
    expect(schemaOf(name)).toBe(expected);
  });
});

describe('modelSchema', () => {
  it('lists properties, the required ones and one example, keys in FastAPI’s order', () => {
    const schema = modelSchema(Account, 'Body_x');
    expect(Object.keys(schema)).toEqual(['properties', 'type', 'required', 'title', 'examples']);
    expect(Object.keys(schema.properties as object)).toEqual(fieldsOf(Account).map(({ name }) => name));
    expect(schema).toMatchObject({
      type: 'object',
      required: ['id', 'username', 'password', 'created_at'],
      title: 'Body_x',
      examples: [{ id: 1, username: 'john' }],
    });
  });

  it('omits empty lists', () => {
    class Optional {
      @StringField({ optional: true })
      a: string | null;
    }
    const properties = { a: { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'A' } };
    expect(modelSchema(Optional, 'Optional')).toEqual({ properties, type: 'object', title: 'Optional' });
  });
});

describe('isRequired', () => {
  it('is true for a field without null and without a default', () => {
    const required = fieldsOf(Account).filter(isRequired);
    expect(required.map(({ name }) => name)).toEqual(['id', 'username', 'password', 'created_at']);
  });
});

describe('titleOf', () => {
  // Python: name.replace('_', ' ').title()
  it.each([
    ['created_at', 'Created At'],
    ['id', 'Id'],
    ['is_2fa_on', 'Is 2Fa On'],
    ['userID', 'Userid'],
    ['read_users_me', 'Read Users Me'],
    ['login-json', 'Login-Json'],
    ['', ''],
  ])('%s is %s', (name, expected) => {
    expect(titleOf(name)).toBe(expected);
  });
});
