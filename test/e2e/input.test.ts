/** @own-sources because it declares errors, permissions or limits */
import { gzipSync } from 'node:zlib';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { FORM_FIELDS, formWith, JSON_FIELDS, jsonWith, sendForm, sendJson, sendMultipart } from '../support/inputs.js';
import { ProbeModule } from '../support/probe.module.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const LOGIN = '/api/v1/auth/login-json';
const UNREADABLE = '{"detail":"There was an error parsing the body"}';

const TOO_LARGE = {
  status: 413,
  text: '{"detail":"Payload Too Large"}',
  headers: { 'content-type': 'application/json' },
};

describe('hostile input', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [ProbeModule] });
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    expect((await send(app.url, '/health')).text).toBe('{"status":"ok","database":"up"}');
  });

  describe('that a text column cannot store', () => {
    const TEXTS = ['\\u0000', 'some\\u0000body', '\\ud800', 'body\\udfff!', '\\udc00\\ud800'];

    it.each(JSON_FIELDS)('is refused with 422 in JSON by %s, in %s', async (path, field) => {
      for (const text of TEXTS) {
        const answer = await sendJson(app.url, path, jsonWith(field, `"${text}12"`));
        expect(answer.status).toBe(422);
        expect(answer.body).toMatchObject({
          detail: [{ type: 'string_unicode', loc: ['body', field], input: '**********' }],
        });
      }
      const bytes = [Buffer.from([0xff]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc0, 0x80])];
      for (const byte of bytes) {
        const [head = '', tail = ''] = jsonWith(field, '"abc|def"').split('|');
        const answer = await sendJson(app.url, path, Buffer.concat([Buffer.from(head), byte, Buffer.from(tail)]));
        expect(answer).toMatchObject({ status: 400, text: UNREADABLE });
      }
    });

    it.each(FORM_FIELDS)('is refused with 422 in a form, in %s', async (field) => {
      for (const text of ['a%00b', '%00', '%FF', '%ED%A0%80', '%C0%80', 'a\0b', '\xff']) {
        const answer = await sendForm(app.url, Buffer.from(formWith(field, text), 'latin1'));
        expect(answer).toMatchObject({
          status: 422,
          body: { detail: [{ type: 'string_unicode', loc: ['body', field] }] },
        });
        if (text.includes('%')) continue;
        expect((await sendMultipart(app.url, field, text)).status).toBe(422);
      }
    });

    it('is ignored in unknown fields', async () => {
      const { username, password } = await signedIn(app.url);
      const body = JSON.stringify({ username, password }).replace('}', ',"\\u0000\\ud800":"\\ud800\\u0000"}');
      expect((await sendJson(app.url, LOGIN, body)).status).toBe(200);
      const form = `username=${username}&password=${password}&%00%FF=%FF%00`;
      expect((await sendForm(app.url, form)).status).toBe(200);
    });

    it('is refused in a path and a query', async () => {
      for (const text of ['a%00b', '%00']) {
        expect((await send(app.url, `/api/v1/probe/named/${text}`)).status).toBe(422);
        expect((await send(app.url, `/api/v1/probe/named/x?search=${text}`)).status).toBe(422);
        expect((await send(app.url, `/api/v1/probe/named/x?limit=${text}`)).status).toBe(422);
      }
      for (const text of ['%FF', '%ED%A0%80', '%', '%zz']) {
        expect((await send(app.url, `/api/v1/probe/named/${text}`)).status).toBe(404);
        expect((await send(app.url, `/api/v1/probe/named/x?search=${text}`)).status).toBeLessThan(500);
        expect((await send(app.url, `/api/v1/probe/named/x?${text}=1`)).status).toBe(200);
      }
    });

    it.each(['\xff', '\x80\xfe', 'Bearer \xff', 'Bearer \xed\xa0\x80'])(
      'is refused with 401 in a header: %j',
      async (value) => {
        const head = `GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: ${value}\r\nUser-Agent: ${value}\r\n`;
        expect((await sendRaw(app.url, `${head}Accept: ${value}\r\n\r\n`)).status).toBe(401);
      },
    );
  });

  describe('of the wrong type', () => {
    const VALUES = ['{}', '{"a":1}', '[]', '["abcdef"]', '1', '1.5', '-1e400', 'true', 'false', '{"$gt":""}', '[[]]'];

    it.each(JSON_FIELDS)('is refused with 422 by %s, in %s', async (path, field) => {
      for (const value of field === 'email' ? VALUES : [...VALUES, 'null']) {
        const answer = await sendJson(app.url, path, jsonWith(field, value));
        expect(answer).toMatchObject({
          status: 422,
          body: { detail: [{ type: 'string_type', loc: ['body', field] }] },
        });
      }
    });

    it.each(['1', 'true', '"x"', '[]', '[{}]', 'null', '1e999'])(
      'is refused with 422 as the whole body: %s',
      async (body) => {
        for (const path of new Set(JSON_FIELDS.map(([path]) => path))) {
          expect(await sendJson(app.url, path, body)).toMatchObject({
            status: 422,
            body: { detail: [{ loc: ['body'] }] },
          });
        }
      },
    );

    it.each(['abc', '', '1.5', '0x1', '1e2', '-1', '0', '101', '2147483648', '9'.repeat(400), 'NaN', 'null', '[]'])(
      'is refused with 422 as a number in the query: %s',
      async (limit) => {
        const answer = await send(app.url, `/api/v1/probe/named/x?limit=${limit}`);
        expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', 'limit'] }] } });
      },
    );
  });

  describe('with property names of JavaScript objects', () => {
    const NAMES = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'toJSON', 'then'];
    afterEach(() => {
      const fresh: Record<string, unknown> = {};
      expect(fresh.polluted ?? fresh.username ?? fresh.isSuperuser).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

    it.each(NAMES)('has no effect: %s', async (name) => {
      const { username, password } = await signedIn(app.url);
      for (const value of ['{"polluted":1,"prototype":{"polluted":1}}', '"x"', 'null', '[1]']) {
        const valid = JSON.stringify({ username, password }).replace('}', `,"${name}":${value}}`);
        expect((await sendJson(app.url, LOGIN, valid)).status).toBe(200);
      }
      // Fields of the nested object do not count as fields of the body.
      const inherited = `{"${name}":${JSON.stringify({ username, password })}}`;
      expect((await sendJson(app.url, LOGIN, inherited)).status).toBe(422);
      const keys = [name, `${name}[polluted]`, `${name}.polluted`, `constructor[prototype][polluted]`];
      const form = keys.map((key) => `${encodeURIComponent(key)}=1`).join('&');
      expect((await sendForm(app.url, `${form}&username=${username}&password=${password}`)).status).toBe(200);
      expect((await sendMultipart(app.url, name, 'x')).status).toBe(401);
      expect((await send(app.url, `/api/v1/probe/named/${name}?${form}`)).body).toEqual({
        name,
        limit: 20,
        search: null,
      });
    });
  });

  describe('nested 5,000 levels deep', () => {
    const DEPTH = 5000;
    const NESTED: [string, string][] = [
      ['arrays', '['.repeat(DEPTH) + ']'.repeat(DEPTH)],
      ['objects', '{"a":'.repeat(DEPTH) + '1' + '}'.repeat(DEPTH)],
      ['unclosed arrays', '['.repeat(DEPTH)],
      ['unclosed objects', '{"a":'.repeat(DEPTH)],
      ['alternating arrays and objects', '[{"a":'.repeat(DEPTH / 2) + '1' + '}]'.repeat(DEPTH / 2)],
    ];

    it.each(NESTED)(
      'in %s is refused with 400 in a known field, an unknown one and as the body',
      async (_name, nested) => {
        for (const text of [nested, jsonWith('username', nested), jsonWith('unknown', nested)]) {
          expect(await sendJson(app.url, LOGIN, text)).toMatchObject({ status: 400, text: UNREADABLE });
        }
      },
    );

    it('does not include brackets in a string, and 400 levels are accepted', async () => {
      expect((await sendJson(app.url, LOGIN, jsonWith('unknown', `"${'['.repeat(DEPTH)}"`))).status).toBe(401);
      expect((await sendJson(app.url, LOGIN, jsonWith('unknown', `${'['.repeat(400)}${']'.repeat(400)}`))).status).toBe(
        401,
      );
      expect((await sendForm(app.url, `${'a[a]'.repeat(DEPTH)}=1&username=x&password=y`)).status).toBe(401);
    });
  });

  describe('that is too large', () => {
    it.each(['/api/v1/auth/register', LOGIN, '/api/v1/auth/login'])('is refused with 413 by %s', async (path) => {
      expect(await sendJson(app.url, path, 'x'.repeat(102_401))).toMatchObject(TOO_LARGE);
      expect((await sendJson(app.url, path, 'x'.repeat(102_400))).status).toBe(422);
      const chunked = `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
      expect(await sendRaw(app.url, `${chunked}19001\r\n${'x'.repeat(102_401)}\r\n0\r\n\r\n`)).toMatchObject(TOO_LARGE);
      const promised = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`;
      expect(await sendRaw(app.url, promised)).toMatchObject(TOO_LARGE);
    });

    it('is refused with 400 for more than 1,000 fields in a form', async () => {
      const detail = 'Too many fields. Maximum number of fields is 1000.';
      expect(await sendForm(app.url, 'a=1&'.repeat(1001))).toMatchObject({ status: 400, body: { detail } });
      expect((await sendForm(app.url, 'a=1&'.repeat(1000))).status).toBe(422);
    });

    it.each([
      ['a decompression bomb', gzipSync(Buffer.alloc(50_000_000))],
      ['a valid body', gzipSync('{"username":"x","password":"y"}')],
      ['invalid gzip', Buffer.from('{"username":"x"')],
      ['truncated gzip', gzipSync('{"username":"x","password":"y"}').subarray(0, 20)],
    ])('is not decompressed: %s', async (_name, body) => {
      for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
        const { status } = await sendJson(app.url, LOGIN, body, { headers: { 'content-encoding': encoding } });
        expect([400, 413, 422]).toContain(status);
      }
    });
  });

  describe('of 50 KB', () => {
    const LONG = ['a', 'é', 'ﷺ', '\u0301', '\u200b', ' ', '@', 'a@', '.', 'a.', '1', '😀', '"', '\\', 'a-'].map(
      (unit) => unit.repeat(50_000 / Buffer.byteLength(unit)),
    );

    it.each(JSON_FIELDS)('is answered quickly by %s, in %s', async (path, field) => {
      const before = process.cpuUsage();
      for (const text of [
        ...LONG,
        `a@${'a.'.repeat(25_000)}`,
        `${'a'.repeat(50_000)}@b.c`,
        `"${'a b'.repeat(16_000)}"@b.c`,
      ]) {
        expect([400, 401, 422]).toContain(
          (await sendJson(app.url, path, jsonWith(field, JSON.stringify(text)))).status,
        );
      }
      // CPU time excludes other processes. A single quadratic expression over 50 KB would exceed the limit.
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
    });

    it.each(FORM_FIELDS)('is answered in a form, in %s', async (field) => {
      for (const text of LONG.filter((each) => encodeURIComponent(each).length < 102_000)) {
        const answer = await sendForm(app.url, formWith(field, encodeURIComponent(text)));
        expect([401, 422]).toContain(answer.status);
      }
    });
  });
});

describe('BODY_LIMIT_BYTES', () => {
  it('limits the size of a request body', async () => {
    const app = await TestApp.start({ settings: { BODY_LIMIT_BYTES: '1024' } });
    try {
      expect(await sendJson(app.url, LOGIN, 'x'.repeat(1025))).toMatchObject(TOO_LARGE);
      expect((await sendJson(app.url, LOGIN, 'x'.repeat(1024))).status).toBe(422);
    } finally {
      await app.stop();
    }
  });
});
