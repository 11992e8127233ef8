import { MAIL_TEMPLATES } from '../../src/mail/messages/mail-variables.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'";

describe('GET /dev/mails with DEBUG', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { DEBUG: 'True', APP_NAME: 'Shop <& Co>' } });
  });
  afterAll(() => app.stop());

  it('lists every message in both languages', async () => {
    const { status, text, headers } = await send(app.url, '/dev/mails');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    for (const template of MAIL_TEMPLATES) {
      for (const language of ['en', 'de']) expect(text).toContain(`href="/dev/mails/${template}?language=${language}"`);
    }
    expect(text).toContain('Shop &lt;&amp; Co&gt;');
  });

  it.each(MAIL_TEMPLATES)('shows %s as HTML in a sandboxed frame and as text', async (template) => {
    const { status, text, headers } = await send(app.url, `/dev/mails/${template}?language=de`);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(POLICY);
    const [, framed = ''] = /<iframe title="HTML" sandbox srcdoc="([^"]*)"><\/iframe>/.exec(text) ?? [];
    expect(framed).toMatch(/^&lt;!DOCTYPE html&gt;\n&lt;html lang=&quot;de&quot;&gt;/);
    expect(text).toMatch(/<pre>[^<]*-- \nDies ist eine automatische Nachricht von Shop/);
  });

  it.each([
    ['verify-email', 'verify-email'],
    ['reset-password', 'reset-password'],
    ['confirm-email-change', 'confirm-email'],
  ])('links from %s to the page %s', async (template, linked) => {
    const { text } = await send(app.url, `/dev/mails/${template}`);
    expect(new Set(text.match(/(?<=\/account\/)[a-z-]+/g))).toEqual(new Set([linked]));
  });

  it('chooses the language by query and Accept-Language', async () => {
    const title = async (query: string, accepted: string) => {
      const headers = { 'Accept-Language': accepted };
      const { text } = await send(app.url, `/dev/mails/welcome${query}`, { headers });
      return /<h1>(\w+)/.exec(text)?.[1];
    };
    expect(await title('', 'de-AT')).toBe('Willkommen');
    expect(await title('', 'fr')).toBe('Welcome');
    expect(await title('?language=en', 'de')).toBe('Welcome');
    expect(await title('?language=fr', 'de')).toBe('Willkommen');
    expect(await title('?language=en&language=de', 'de')).toBe('Willkommen');
  });

  it.each(['nothing', '..%2Fwelcome', 'constructor'])('responds with 404 for the unknown message %s', async (name) => {
    expect(await send(app.url, `/dev/mails/${name}`)).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
  });

  it('is not in the OpenAPI document', async () => {
    expect((await send(app.url, '/openapi.json')).text).not.toContain('/dev/');
  });
});

describe('GET /dev/mails without DEBUG', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it.each(['/dev/mails', '/dev/mails/welcome'])('responds with 404 for %s', async (path) => {
    expect(await send(app.url, path)).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
  });
});
