import { validateSync } from 'class-validator';
import { EachIsOrigin, IsPostgresUrl } from './environment-validators.js';

class Checked {
  @EachIsOrigin()
  origins: unknown = [];

  @IsPostgresUrl()
  url: unknown = 'postgresql://h/d';
}

const accepts = (values: Partial<Checked>) => validateSync(Object.assign(new Checked(), values)).length === 0;

describe('EachIsOrigin', () => {
  it.each([
    [[]],
    [['http://localhost:3000', 'http://192.168.0.112:3000']],
    [['https://app.example.com']],
    [['capacitor://localhost', 'app://x']],
    [['*']],
  ])('accepts %j', (origins) => {
    expect(accepts({ origins })).toBe(true);
  });

  it.each([
    ['a trailing slash', ['https://app.example.com/']],
    ['a wildcard within', ['https://*.example.com']],
    ['null, which sandboxed frames send', ['null']],
    ['a number', [1]],
    ['one invalid among valid ones', ['https://app.example.com', 'x']],
    ['a string', 'https://app.example.com'],
  ])('refuses %s', (_, origins) => {
    expect(accepts({ origins })).toBe(false);
  });
});

describe('IsPostgresUrl', () => {
  it('accepts only connection URLs', () => {
    expect(accepts({ url: 'postgresql+asyncpg://john:secret@db.example/app' })).toBe(true);
    for (const url of ['mysql://h/d', 'postgresql://h:x/d', '', 1, null, Number.NaN])
      expect(accepts({ url })).toBe(false);
  });
});
