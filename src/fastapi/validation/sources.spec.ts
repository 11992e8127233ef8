import { FilePart } from '../body/form-fields.js';
import { parseLossless } from '../json/json-scanner.js';
import { stringifyLossless } from '../json/lossless-json.js';
import { IntegerField, StringField } from './field.decorators.js';
import { fieldsOf, type ModelField } from './model.js';
import { FormSource, JsonSource, maskJson, ParameterSource } from './sources.js';

class Login {
  @StringField()
  username: string;

  @StringField({ secret: true })
  password: string;

  @IntegerField()
  count: number;
}

const [username, password, count] = fieldsOf(Login) as [ModelField, ModelField, ModelField];
const MASKED = '"**********"';

describe('JsonSource', () => {
  const source = (text: string) => new JsonSource(JSON.parse(text) as Record<string, unknown>, text);

  it('has own properties, including null, but none of the prototype', () => {
    const { has, get } = source('{"a":null,"b":1}');
    expect(has.call(source('{"a":null}'), 'a')).toBe(true);
    expect(get.call(source('{"b":1}'), 'b')).toBe(1);
    for (const name of ['c', 'toString', '__proto__', 'constructor']) {
      expect(source('{"a":1}').has(name)).toBe(false);
      expect(source('{"a":1}').get(name)).toBeUndefined();
    }
    expect(source('{"__proto__":1}').has('__proto__')).toBe(true);
  });

  it('echoes a value as written, with its digits and order', () => {
    expect(stringifyLossless(source('{"count":1.0}').echo(count))).toBe('1.0');
    expect(stringifyLossless(source('{"count":12345678901234567890}').echo(count))).toBe('12345678901234567890');
    expect(stringifyLossless(source('{"username":["b",1e2]}').echo(username))).toBe('["b",100.0]');
  });

  it('masks secrets and the values in an object', () => {
    expect(source('{"password":123456}').echo(password)).toBe('**********');
    expect(stringifyLossless(source('{"username":{"b":"x","a":[1]}}').echo(username))).toBe(
      `{"b":${MASKED},"a":${MASKED}}`,
    );
  });

  it('echoes the whole object in the order sent, with secrets and undeclared values masked', () => {
    const shown = source(
      '{"2":"x","pasword":"secret","username":"john","1":{"a":1},"password":"secret","count":[{"x":1}]}',
    );
    expect(stringifyLossless(shown.echoAll(fieldsOf(Login)))).toBe(
      `{"2":${MASKED},"pasword":${MASKED},"username":"john","1":${MASKED},"password":${MASKED},"count":[{"x":${MASKED}}]}`,
    );
  });
});

describe('maskJson', () => {
  it.each([
    ['1', '1'],
    ['"a"', '"a"'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['[1,"a",null]', '[1,"a",null]'],
    ['[{"password":"secret"},[{"a":{"b":1}}]]', `[{"password":${MASKED}},[{"a":${MASKED}}]]`],
  ])('masks %s as %s', (text, expected) => {
    expect(stringifyLossless(maskJson(parseLossless(text)))).toBe(expected);
  });
});

describe('FormSource', () => {
  const source = (...pairs: [string, string | FilePart][]) => {
    const fields = new Map<string, (string | FilePart)[]>();
    for (const [name, value] of pairs) fields.set(name, [...(fields.get(name) ?? []), value]);
    return new FormSource(fields);
  };

  it('has the fields that are not empty', () => {
    const form = source(['username', 'john'], ['password', '']);
    expect([form.has('username'), form.has('password'), form.has('count')]).toEqual([true, false, false]);
    expect(form.get('username')).toBe('john');
  });

  it('reads a repeated name as a list, including empty values', () => {
    const form = source(['username', 'john'], ['username', '']);
    expect(form.has('username')).toBe(true);
    expect(form.get('username')).toEqual(['john', '']);
    expect(form.echo(username)).toEqual(['john', '']);
  });

  it('reads a name with brackets as a repetition of the bare name, if that is present', () => {
    const form = source(['username', 'john'], ['username[]', 'secret'], ['username[0]', 'x'], ['usernames', 'y']);
    expect(form.get('username')).toEqual(['john', 'secret', 'x']);
    expect(form.echo(username)).toEqual(['john', '**********', '**********']);
    expect(source(['username[]', 'john']).has('username')).toBe(false);
  });

  it('echoes a file by its name, and masks secrets', () => {
    expect(source(['username', new FilePart('a.txt')]).echo(username)).toEqual({ filename: 'a.txt' });
    expect(source(['password', 'secret'], ['password', 'secret']).echo(password)).toBe('**********');
  });

  it('echoes null for a missing field', () => {
    expect(source(['username', 'john']).echoAll()).toBeNull();
  });
});

describe('ParameterSource', () => {
  const query = new ParameterSource('query', { count: '1', username: ['a', 'b'], empty: '' });

  it('returns the last of repeated values', () => {
    expect(query.get('count')).toBe('1');
    expect(query.get('username')).toBe('b');
    expect(query.echo(username)).toBe('b');
  });

  it('has an empty value, but nothing of the prototype', () => {
    expect([query.has('empty'), query.has('toString'), query.has('absent')]).toEqual([true, false, false]);
    expect(query.get('toString')).toBeUndefined();
  });

  it('masks secrets, and echoes null for a missing field', () => {
    expect(new ParameterSource('path', { password: 'secret' }).echo(password)).toBe('**********');
    expect(query.echoAll()).toBeNull();
  });

  it('has its location', () => {
    expect(query.location).toBe('query');
    expect(new ParameterSource('path', {}).location).toBe('path');
  });
});
