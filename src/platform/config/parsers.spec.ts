import { lowerCase, parseBoolean, parseInteger, parseStringList } from './parsers.js';

describe('parseBoolean', () => {
  // pydantic 2.13, TypeAdapter(bool).validate_python
  it.each(['true', 'True', 'TRUE', 'tRuE', 't', 'T', '1', 'yes', 'Y', 'on', 'ON'])('reads %s as true', (text) => {
    expect(parseBoolean(text)).toBe(true);
  });

  it.each(['false', 'False', 'FALSE', 'f', '0', 'no', 'N', 'off', 'oFF'])('reads %s as false', (text) => {
    expect(parseBoolean(text)).toBe(false);
  });

  it.each(['', ' true', 'true ', '2', '-1', '1.0', '0.0', '01', 'yess', 'enable', 'null', 'None', '"true"'])(
    'refuses %j',
    (text) => {
      expect(parseBoolean(text)).toBeUndefined();
    },
  );
});

describe('parseInteger', () => {
  it.each([
    ['0', 0],
    ['8001', 8001],
    ['007', 7],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %s', (text, expected) => {
    expect(parseInteger(text)).toBe(expected);
  });

  it.each(['', ' 1', '1 ', '+1', '-1', '1.0', '1e3', '0x1', '1_000', '٣', 'one', 'NaN', '1000000000000000'])(
    'refuses %j',
    (text) => {
      expect(parseInteger(text)).toBeUndefined();
    },
  );
});

describe('parseStringList', () => {
  it.each([
    ['[]', []],
    ['["a"]', ['a']],
    [' [ "a" , "b" ] ', ['a', 'b']],
  ])('reads %s', (text, expected) => {
    expect(parseStringList(text)).toEqual(expected);
  });

  it.each(['"a"', '{"0":"a"}', 'null', '1', '[1]', '["a",null]', '[["a"]]'])('refuses %s', (text) => {
    expect(parseStringList(text)).toBeUndefined();
  });

  it.each(['a,b', '[a]', "['a']", '["a",]', ''])('throws for %j, which is not JSON', (text) => {
    expect(() => parseStringList(text)).toThrow(SyntaxError);
  });
});

describe('lowerCase', () => {
  it('accepts any letter case', () => {
    expect(lowerCase('WaRN')).toBe('warn');
  });
});
