import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { FORM_FIELDS, JSON_FIELDS, sendForm, sendJson, sendMultipart } from '../support/inputs.js';
import { TestApp } from '../support/test-app.js';

const MASK = '**********';
const CANARY = 'canary-Xy9!';
const QUOTED = JSON.stringify(CANARY);
const LOGIN = '/api/v1/auth/login-json';
const REGISTER = '/api/v1/auth/register';

describe('the input in a 422 response', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  describe('does not contain a secret', () => {
    it.each([
      ['a password of the wrong type', `{"username":"x","password":[${QUOTED}]}`],
      ['a password in an object', `{"username":"x","password":{"value":${QUOTED},${QUOTED}:1}}`],
      ['a password as the name of a key', `{"username":1,"password":{${QUOTED}:{}}}`],
      ['a password that is too long', `{"username":"x","password":"${CANARY.repeat(10)}"}`],
      ['a password with a NUL', `{"username":"x","password":"${CANARY}\\u0000"}`],
      ['a password sent twice', `{"username":[],"password":${QUOTED},"password":1}`],
      ['a misspelt key', `{"username":"x","pasword":${QUOTED}}`],
      ['a key in another case', `{"username":"x","Password":${QUOTED}}`],
      ['a key with a blank', `{"username":"x"," password":${QUOTED}}`],
      ['a nested object', `{"user":{"username":"x","password":${QUOTED}}}`],
      ['a nested array', `{"users":[{"password":${QUOTED}},${QUOTED}]}`],
      ['an object as the username', `{"username":{"name":"x","password":${QUOTED}},"password":1}`],
      ['objects in a list as the username', `{"username":[{"password":${QUOTED}},[{"x":[${QUOTED}]}]]}`],
      ['a list as the body', `[{"username":"x","password":${QUOTED}}]`],
      ['a string as the body', QUOTED],
      ['JSON in a string as the body', JSON.stringify(`{"password":${QUOTED}}`)],
      ['broken JSON', `{"username":"x","password":${QUOTED}`],
      ['a password without quotes', `{"username":"x","password":${CANARY}}`],
      ['JSON after JSON', `{"username":"x"}{"password":${QUOTED}}`],
      ['a form in place of JSON', `username=x&password=${CANARY}`],
      ['only a password', CANARY],
    ])('with %s', async (_name, body) => {
      for (const path of [LOGIN, REGISTER]) {
        for (const type of [
          'application/json',
          'text/plain',
          'application/x-www-form-urlencoded',
          'application/vnd.x+json',
        ]) {
          const answer = await sendJson(app.url, path, body, { headers: { 'content-type': type } });
          // The sign-in treats an overlong password as a wrong one.
          expect(answer.status === 422 || (answer.status === 401 && path === LOGIN)).toBe(true);
          expect(answer.text).not.toContain(CANARY.slice(0, 6));
          expect(JSON.stringify(answer.headers)).not.toContain(CANARY);
        }
      }
    });

    it.each([
      ['a missing username', `password=${CANARY}`],
      ['a password sent twice', `username=x&password=${CANARY}&password=${CANARY}`],
      ['a password in brackets', `username=x&password=1&password[]=${CANARY}`],
      ['another field in brackets', `username=x&username[password]=${CANARY}&password=1`],
      ['a client secret sent twice', `username=x&password=1&client_secret=${CANARY}&client_secret=2`],
      ['a misspelt field', `username=x&pasword=${CANARY}`],
      ['a password that is not UTF-8', `username=x&password=${CANARY}%FF`],
      ['JSON in place of a form', `{"username":"x","password":${QUOTED}}`],
    ])('in a form with %s', async (_name, body) => {
      const answer = await sendForm(app.url, body);
      expect(answer.status).toBe(422);
      expect(answer.text).not.toContain(CANARY.slice(0, 6));
    });

    it('in multipart with a file or an incomplete body', async () => {
      const file = `--X\r\nContent-Disposition: form-data; name="username"; filename="a"\r\n\r\n${CANARY}\r\n`;
      const secret = `--X\r\nContent-Disposition: form-data; name="password"; filename="${CANARY}"\r\n\r\nx\r\n`;
      const headers = { 'content-type': 'multipart/form-data; boundary=X' };
      for (const body of [`${file}${secret}--X--`, `${file}${secret}`, `${CANARY}${file}`]) {
        const answer = await send(app.url, '/api/v1/auth/login', { body, headers });
        expect([400, 422]).toContain(answer.status);
        expect(answer.text).not.toContain(CANARY);
      }
    });

    it('when only another field is invalid', async () => {
      const answer = await sendJson(
        app.url,
        REGISTER,
        `{"username":"x","email":"y","password":${QUOTED},"extra":${QUOTED}}`,
      );
      expect(answer.status).toBe(422);
      expect(answer.text).not.toContain(CANARY);
      const missing = await sendJson(app.url, REGISTER, `{"password":${QUOTED},"extra":${QUOTED},"email":null}`);
      expect(missing.text).toContain(`"input":{"password":"${MASK}","extra":"${MASK}","email":null}`);
    });
  });

  describe('equals the request in pydantic’s notation', () => {
    it.each([
      ['1.0', '1.0'],
      ['1e5', '100000.0'],
      ['1E+2', '100.0'],
      ['1.10', '1.1'],
      ['-0.0', '-0.0'],
      ['-0', '0'],
      ['1e16', '1e+16'],
      ['1e-7', '1e-07'],
      ['12345678901234567890123', '12345678901234567890123'],
      ['9007199254740993', '9007199254740993'],
      ['true', 'true'],
      ['[1.0, 2, [3.50]]', '[1.0,2,[3.5]]'],
      ['["a", "\\u00e9", "\\u2028", "\\/"]', '["a","é","\u2028","/"]'],
      [`{"b":1,"10":2,"2":3,"a":4}`, `{"b":"${MASK}","10":"${MASK}","2":"${MASK}","a":"${MASK}"}`],
      ['{"__proto__":1}', `{"__proto__":"${MASK}"}`],
    ])('for %s in a field', async (value, shown) => {
      const { text } = await sendJson(app.url, LOGIN, `{"username":${value},"password":"x"}`);
      expect(text).toBe(
        `{"detail":[{"type":"string_type","loc":["body","username"],"msg":"Input should be a valid string","input":${shown}}]}`,
      );
    });

    it.each([
      [
        '{"10":1,"username":"x","2":2,"__proto__":3}',
        `{"10":"${MASK}","username":"x","2":"${MASK}","__proto__":"${MASK}"}`,
      ],
      ['{"a":1,"username":"x","a":2,"username":"y"}', `{"a":"${MASK}","username":"y"}`],
      ['{"username":1.0}', '{"username":1.0}'],
    ])('for the whole body %s', async (body, shown) => {
      const { detail } = (await sendJson(app.url, LOGIN, body)).body as { detail: unknown[] };
      expect(detail.at(-1)).toMatchObject({ type: 'missing', loc: ['body', 'password'] });
      expect((await sendJson(app.url, LOGIN, body)).text).toContain(
        `"loc":["body","password"],"msg":"Field required","input":${shown}}]}`,
      );
    });

    it.each(['1.0', '[1e5,{"b":1,"1":2}]', '123456789012345678901', '[]', 'false'])(
      'for %s as the body',
      async (body) => {
        const shown = body.replace('1e5', '100000.0').replace(/:\d/g, `:"${MASK}"`);
        expect((await sendJson(app.url, LOGIN, body)).text).toContain(`"input":${shown}}]}`);
      },
    );
  });

  describe('for duplicate keys', () => {
    it('is the last value, which is also the one in effect', async () => {
      const { username, password } = await signedIn(app.url);
      const [name, secret] = [JSON.stringify(username), JSON.stringify(password)];
      const valid = `{"username":"nobody","password":"x","username":${name},"password":${secret}}`;
      const invalid = `{"username":${name},"password":${secret},"password":"wrong1"}`;
      expect((await sendJson(app.url, LOGIN, valid)).status).toBe(200);
      expect((await sendJson(app.url, LOGIN, invalid)).status).toBe(401);
      const { body } = await sendJson(app.url, REGISTER, '{"username":"a","username":"b","password":"secure123"}');
      expect(body).toMatchObject({ detail: [{ loc: ['body', 'username'], input: 'b' }] });
    });

    it.each(JSON_FIELDS)('is the last value for %s, in %s, even if one key is escaped', async (path, field) => {
      const escaped = [...field].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
      const wrongLast = await sendJson(app.url, path, `{"${field}":"abcdef@b.com","${escaped}":7}`);
      expect(wrongLast.text).toContain(`"loc":["body","${field}"],"msg":"Input should be a valid string"`);
      const wrongFirst = await sendJson(app.url, path, `{"${escaped}":7,"${field}":"abcdef@b.com"}`);
      expect(wrongFirst.text).not.toContain('Input should be a valid string');
    });

    it.each(FORM_FIELDS)('refers to the duplicate field of a form: %s', async (field) => {
      const rest = 'username=x&password=y&';
      const answer = await sendForm(app.url, `${rest}${field}=password&${field}=password`);
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', field] }] } });
      expect((await sendMultipart(app.url, `${field}"; name="${field}`, 'password')).status).toBeLessThan(500);
    });
  });
});
