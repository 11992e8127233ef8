import { parseParameterizedHeader } from './header-parameters.js';

describe('parseParameterizedHeader', () => {
  it.each<[header: string, value: string, parameters: Record<string, string>]>([
    ['', '', {}],
    ['form-data', 'form-data', {}],
    ['\t Form-DATA \t', 'form-data', {}],
    ['form-data; name="a"', 'form-data', { name: 'a' }],
    ['form-data;name=a;filename=b', 'form-data', { name: 'a', filename: 'b' }],
    ['form-data ;\tNaMe \t=\t "a b" \t;', 'form-data', { name: 'a b', '': '' }],
    ['form-data; name=" a "', 'form-data', { name: ' a ' }],
    ["form-data; name='a'", 'form-data', { name: "'a'" }],
    ['form-data; name=a; name=b', 'form-data', { name: 'b' }],
    ['form-data; name=a=b', 'form-data', { name: 'a=b' }],
    ['form-data; name', 'form-data', { name: '' }],
    ['form-data; NAME', 'form-data', { NAME: '' }],
    ['form-data; name=', 'form-data', { name: '' }],
    ['form-data; name=""', 'form-data', { name: '' }],
    ['form-data; name="', 'form-data', { name: '"' }],
    ['form-data; name="a', 'form-data', { name: '"a' }],
    ['form-data; name="a"\n', 'form-data', { name: '"a"\n' }],
    ['form-data; name="a;b=c"; filename=d', 'form-data', { name: 'a;b=c', filename: 'd' }],
    ['form-data; name="a; filename=b', 'form-data', { name: '"a; filename=b' }],
    [String.raw`form-data; name="a\";b"; filename=c`, 'form-data', { name: 'a";b', filename: 'c' }],
    [String.raw`form-data; name="a\\b"`, 'form-data', { name: String.raw`a\b` }],
    [String.raw`form-data; name="a\\"; filename=c`, 'form-data', { name: String.raw`"a\\"; filename=c` }],
    [String.raw`form-data; name=a\";filename=c`, 'form-data', { name: String.raw`a\"`, filename: 'c' }],
    ["form-data; name*=UTF-8''a; filename*0=b", 'form-data', {}],
    ["form-data; name=a; name*=UTF-8''b", 'form-data', { name: 'a' }],
    ['form-data; __proto__=a', 'form-data', { ['__proto__']: 'a' }],
    ['; name=a', '', { name: 'a' }],
    ['"x;y"; name=a', '"x;y"', { name: 'a' }],
    ['text/plain, text/html; q=1', 'text/plain, text/html', { q: '1' }],
  ])('reads %j', (header, value, parameters) => {
    const parsed = parseParameterizedHeader(header);
    expect([parsed.value, [...parsed.parameters]]).toEqual([value, Object.entries(parameters)]);
  });
});
