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
    [['http://[::1]:3000']],
    [['*']],
  ])('takes %j', (origins) => {
    expect(accepts({ origins })).toBe(true);
  });

  it.each([
    ['a trailing slash', ['https://app.example.com/']],
    ['a path', ['https://app.example.com/app']],
    ['capitals, which no browser sends', ['https://App.example.com']],
    ['the default port, which no browser sends', ['https://app.example.com:443']],
    ['a user', ['https://john@app.example.com']],
    ['no scheme', ['app.example.com']],
    ['another scheme', ['ftp://app.example.com']],
    ['a wildcard within', ['https://*.example.com/']],
    ['null, which sandboxed frames send', ['null']],
    ['nothing', ['']],
    ['blanks', [' https://app.example.com']],
    ['no URL', ['http://']],
    ['no text', [1]],
    ['one wrong among right ones', ['https://app.example.com', 'x']],
    ['no list', 'https://app.example.com'],
  ])('refuses %s', (_, origins) => {
    expect(accepts({ origins })).toBe(false);
  });
});

describe('IsPostgresUrl', () => {
  it('takes what can be read as one and refuses the rest', () => {
    expect(accepts({ url: 'postgresql+asyncpg://john:secret@db.example/app' })).toBe(true);
    for (const url of ['mysql://h/d', 'postgresql://h:x/d', '', 1, null, Number.NaN])
      expect(accepts({ url })).toBe(false);
  });
});
