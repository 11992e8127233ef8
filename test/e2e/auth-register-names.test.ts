import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

interface Answer {
  username: string;
  email: string | null;
  detail: unknown;
}

describe('usernames and addresses in POST /api/v1/auth/register', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  async function attempt(fields: { username: string; email?: unknown }): Promise<Received<Answer>> {
    return send<Answer>(app.url, '/api/v1/auth/register', { body: { password: PASSWORD, ...fields } });
  }

  const mail = async (email: unknown) => attempt({ username: uniqueName(), email });

  describe('usernames', () => {
    it.each([
      ['letter case', 'Zoe Smith', 'zOE sMITH'],
      ['letter case beyond ASCII', 'Ælfgifu', 'ÆLFGIFU'],
      ['letter case beyond the BMP', '𐐔𐐯𐑅𐐨', '𐐼𐐯𐑅𐐀'],
      ['letter case of one letter and of two', 'straße', 'STRASSE'],
      ['the capital sharp s', 'gro\u1e9e', 'groß'],
      ['the final sigma', 'ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ'],
      ['one small sigma for the other', 'σίσυφος', 'σίσυφοσ'],
      ['an upper case of three characters', 'γα\u0390α', 'ΓΑΪ́Α'],
      ['a dotted capital I and its small form', 'İzmir', 'i\u0307zmir'],
      ['Cherokee, whose small letters were added later', 'ᎣᎯᏲ', 'ꭳꭿᏺ'],
      ['composition', 'ame\u0301lie', 'am\u00e9lie'],
      ['the order of two marks', 'q\u0323\u0307ed', 'q\u0307\u0323ed'],
      ['width', 'wide.name', 'ｗｉｄｅ．ｎａｍｅ'],
      ['a ligature', 'coffee', 'co\ufb00ee'],
      ['superscripts and circles', 'name21', 'name²①'],
      ['mathematical letters', 'bold', '𝐛𝐨𝐥𝐝'],
      ['the Kelvin sign', 'kelvin', '\u212aelvin'],
      ['a no-break space', 'two words', 'two\u00a0words'],
    ])('are equal in every spelling: %s', async (_name, first, second) => {
      expect((await attempt({ username: first })).status).toBe(200);
      const answer = await attempt({ username: second });
      expect([answer.status, answer.body.detail]).toEqual([400, 'Username already registered']);
      await expect(signIn(app.url, { username: second, password: PASSWORD })).resolves.toMatch(/^ey/);
    });

    it.each([
      ['a NUL', 'name\0'],
      ['a lone surrogate', 'name\ud800'],
      ['a leading space', ' name'],
      ['a trailing tab', 'name\t'],
      ['a trailing line feed', 'name\n'],
      ['a leading no-break space', '\u00a0name'],
      ['a trailing ideographic space', 'name\u3000'],
      ['an inner line feed', 'na\nme'],
      ['an escape', 'na\u001b[31mme'],
      ['a C1 control', 'na\u0085me'],
      ['DEL', 'na\u007fme'],
      ['a line separator', 'na\u2028me'],
      ['a zero-width space', 'na\u200bme'],
      ['a zero-width joiner', 'na\u200dme'],
      ['a zero-width no-break space', '\ufeffname'],
      ['a word joiner', 'na\u2060me'],
      ['a soft hyphen', 'na\u00adme'],
      ['a right-to-left override', 'na\u202eme'],
      ['an isolate', 'na\u2066me\u2069'],
      ['a combining grapheme joiner', 'na\u034fme'],
      ['a Hangul filler', 'na\u3164me'],
      ['a half-width Hangul filler', 'na\uffa0me'],
      ['a variation selector', 'name\ufe0f'],
      ['a tag character', 'name\u{e0041}'],
      ['the blank Braille pattern', 'na\u2800me'],
      ['a Mongolian vowel separator', 'na\u180eme'],
      ['a private character', 'na\ue000me'],
      ['a noncharacter', 'na\uffffme'],
      ['only spaces', '     '],
    ])('cannot contain %s', async (_name, username) => {
      const answer = await attempt({ username });
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ loc: ['body', 'username'] }]);
    });

    it.each([
      ['two characters', 'ab', 422],
      ['three characters', 'xyz', 200],
      ['one ligature of three letters', '\ufb03', 200],
      ['two characters beyond the BMP, which are four UTF-16 units', '😀😀', 422],
      ['fifty characters beyond the BMP', '😀'.repeat(50), 200],
      ['fifty-one characters beyond the BMP', '😁'.repeat(51), 422],
      ['fifty characters that are a hundred before composition', 'e\u0301'.repeat(50), 200],
      ['seventeen ligatures of three letters each', '\ufb03'.repeat(17), 422],
      ['three ligatures of eighteen characters each', '\ufdfa'.repeat(3), 422],
      ['fifty sharp s, which are a hundred characters in upper case', 'ß'.repeat(50), 200],
    ])('are measured in code points of their normal form: %s', async (_name, username, status) => {
      expect((await attempt({ username })).status).toBe(status);
    });

    it('are stored and returned in normal form and in the original letter case', async () => {
      const answer = await attempt({ username: 'ＭｉｘｅｄＣａｓｅ' });
      expect(answer.body.username).toBe('MixedCase');
    });

    it('that look alike in another script are refused or belong to another account', async () => {
      await register(app.url, { username: 'paypal' });
      expect([200, 400]).toContain((await attempt({ username: 'p\u0430ypal' })).status);
    });
  });

  describe('e-mail addresses', () => {
    it.each([
      ['letter case', 'Zed@Example.com', 'zed@EXAMPLE.COM'],
      ['surrounding white space', 'ann@example.com', ' \tann@example.com\r\n'],
      ['the width of the domain', 'bob@example.com', 'bob@ｅｘａｍｐｌｅ．com'],
      ['the encoding of the domain', 'eve@münchen.de', 'eve@xn--mnchen-3ya.de'],
      ['composition', 'ame\u0301lie@example.com', 'am\u00e9lie@example.com'],
      ['letter case beyond ASCII', 'jürgen@example.com', 'JÜRGEN@example.com'],
      ['width', 'kim@example.com', 'ｋｉｍ@example.com'],
    ])('are equal in every spelling: %s', async (_name, first, second) => {
      expect((await mail(first)).status).toBe(200);
      const answer = await mail(second);
      expect([answer.status, answer.body.detail]).toEqual([400, 'Email already registered']);
    });

    it.each([
      ['a quoted local part', '"john smith"@example.com'],
      ['a quoted address before another domain', '"victim@gmail.com x"@internal.domain'],
      ['a header after CRLF', 'john@example.com\r\nBcc: all@example.com'],
      ['a line feed in the middle', 'john\n@example.com'],
      ['a NUL', 'john\0@example.com'],
      ['a lone surrogate', 'john\ud800@example.com'],
      ['a list with a comma', 'john@example.com,ann@example.com'],
      ['a list with a semicolon', 'john@example.com;ann@example.com'],
      ['a list with a space', 'john@example.com ann@example.com'],
      ['a display name', 'John <john@example.com>'],
      ['angle brackets', '<john@example.com>'],
      ['a comment', 'john(comment)@example.com'],
      ['a route', '@relay.example:john@example.com'],
      ['an address literal', 'john@[127.0.0.1]'],
      ['two at-signs', 'john@doe@example.com'],
      ['no domain', 'john@'],
      ['a domain of one label', 'john@localhost'],
      ['101 characters', `${'a'.repeat(89)}@example.com`],
      ['50 KB', `${'a'.repeat(50_000)}@example.com`],
      ['an empty string', ''],
      ['a list in JSON', ['john@example.com']],
      ['an object', { address: 'john@example.com' }],
      ['a number', 7],
    ])('cannot be %s', async (_name, email) => {
      const answer = await mail(email);
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toMatchObject([{ loc: ['body', 'email'] }]);
    });

    it('can have a hundred characters', async () => {
      const email = `${'a'.repeat(88)}@example.com`;
      expect((await mail(email)).body.email).toBe(email);
    });

    it('are optional for any number of accounts', async () => {
      for (const email of [null, undefined, null, undefined]) expect((await mail(email)).body.email).toBeNull();
    });
  });
});
