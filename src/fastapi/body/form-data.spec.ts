import { decodeForm } from './form-data.js';
import { FilePart, FormError } from './form-fields.js';

const URLENCODED = 'username=zo%C3%AB&password=x';
const MULTIPART =
  '--X\r\nContent-Disposition: form-data; name="username"\r\n\r\nzoë\r\n' +
  '--X\r\nContent-Disposition: form-data; name="password"; filename="p.txt"\r\n\r\nx\r\n--X--\r\n';

const decode = (body: string, contentType: string) => [...decodeForm(Buffer.from(body), contentType)];

describe('decodeForm', () => {
  it.each([
    'application/x-www-form-urlencoded',
    ' \tApplication/X-WWW-Form-Urlencoded\t',
    'application/x-www-form-urlencoded;',
    'application/x-www-form-urlencoded ; charset=latin1',
    'application/x-www-form-urlencoded; ,=;"',
  ])('reads an urlencoded form as %j', (contentType) => {
    expect(decode(URLENCODED, contentType)).toEqual([
      ['username', ['zoë']],
      ['password', ['x']],
    ]);
  });

  it.each([
    'multipart/form-data; boundary=X',
    'Multipart/Form-Data;BOUNDARY="X"',
    'multipart/form-data ; charset=latin1; boundary = X ;',
    'multipart/form-data; charset=unheard-of; boundary=X',
    'multipart/form-data; boundary=Y; boundary=X',
    'multipart/form-data; a=";boundary=Y"; boundary=X',
  ])('reads a multipart form as %j', (contentType) => {
    expect(decode(MULTIPART, contentType)).toEqual([
      ['username', ['zoë']],
      ['password', [new FilePart('p.txt')]],
    ]);
  });

  it.each([
    '',
    ';',
    'application/json',
    'text/plain',
    'multipart/mixed; boundary=X',
    'multipart/form-data, text/plain; boundary=X',
    'application/x-www-form-urlencoded,text/plain',
    'application/x-www-form-urlencodedx',
    'application / x-www-form-urlencoded',
    '"application/x-www-form-urlencoded"',
  ])('finds no field in a body of type %j', (contentType) => {
    expect(decode(URLENCODED, contentType)).toEqual([]);
    expect(decode(MULTIPART, contentType)).toEqual([]);
  });

  it.each([
    ['multipart/form-data', 'Missing boundary in multipart.'],
    ["multipart/form-data; boundary*=UTF-8''X", 'Missing boundary in multipart.'],
    ['multipart/form-data; charset="boundary=X"', 'Missing boundary in multipart.'],
    ['multipart/form-data; boundary=', 'There was an error parsing the body'],
    ['multipart/form-data; boundary', 'There was an error parsing the body'],
    ['multipart/form-data; boundary="X', 'There was an error parsing the body'],
    ['multipart/form-data; boundary=x', 'There was an error parsing the body'],
  ])('rejects a multipart form with %j', (contentType, detail) => {
    expect(() => decode(MULTIPART, contentType)).toThrow(FormError);
    expect(() => decode(MULTIPART, contentType)).toThrow(expect.objectContaining({ detail }) as Error);
  });

  it('requires a boundary for an empty multipart body too', () => {
    expect(() => decode('', 'multipart/form-data')).toThrow('Missing boundary in multipart.');
    expect(decode('', 'multipart/form-data; boundary=')).toEqual([]);
  });

  it('does not quote the body in an error', () => {
    const body = '--X\r\nhunter2 : hunter2\r\n\r\nhunter2';
    expect(() => decode(body, 'multipart/form-data; boundary=X')).toThrow(/^(?!.*hunter2)/s);
  });
});
