import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { GadgetsModule } from '../contract/gadgets.module.js';

const PROBLEM = { accept: 'application/problem+json' };
const PAGES = ['/docs', '/docs/errors', '/docs/oauth2-redirect', '/redoc'];

/** The URLs that an HTML page loads or links to. */
const addressesIn = (html: string): string[] =>
  [...html.matchAll(/(?:src|href|spec-url)="([^"#]*)"/g)].map(([, url]) => String(url));

interface Document {
  servers?: unknown;
  paths: object;
  components: { securitySchemes: { OAuth2PasswordBearer: { flows: { password: { tokenUrl: string } } } } };
}

describe('a path prefix that a proxy strips', () => {
  let app: TestApp;

  const start = async (settings: Record<string, string>) => {
    app = await TestApp.start({ settings: { DEBUG: 'True', ...settings }, imports: [GadgetsModule] });
  };
  const get = async (path: string, headers: Record<string, string> = {}) => send(app.url, path, { headers });

  /** All own paths that appear in responses, by their source. */
  async function publishedPaths(headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const [pages, initializer, document, root, problem, redirect, previews, preview, deprecated] = [
      await Promise.all(PAGES.map(async (path) => get(path, headers))),
      await get('/docs/swagger-initializer.js', headers),
      await send<Document>(app.url, '/openapi.json', { headers }),
      await get('/', headers),
      await get('/nowhere', { ...headers, ...PROBLEM }),
      await get('/docs/?a=1', headers),
      await get('/dev/mails', headers),
      await get('/dev/mails/welcome', headers),
      await get('/api/v1/gadgets/5', headers),
    ];
    return {
      pages: pages.flatMap(({ text }) => addressesIn(text)),
      noscript: /document it shows is (\S+)\.</.exec(pages[0]?.text ?? '')?.[1],
      initializer: [...initializer.text.matchAll(/'([^']*\/[^']*)'/g)].map(([, path]) => path),
      servers: document.body.servers,
      tokenUrl: document.body.components.securitySchemes.OAuth2PasswordBearer.flows.password.tokenUrl,
      types: [...new Set([...document.text.matchAll(/"type":"([^"]*)#/g)].map(([, type]) => type))],
      paths: Object.keys(document.body.paths).filter((path) => !path.startsWith('/api/v')),
      root: ['docs', 'redoc', 'openapi', 'health'].map((name) => root.body[name]),
      problem: problem.body.type,
      redirect: redirect.headers.location,
      previews: [...new Set([previews, preview].flatMap(({ text }) => addressesIn(text)))].map(
        (url) => url.split('?')[0],
      ),
      successor: deprecated.headers.link,
    };
  }

  /** Checks that all published paths start with the prefix. */
  async function expectPrefix(prefix: string, base: string, headers: Record<string, string> = {}): Promise<void> {
    const found = await publishedPaths(headers);
    const all = found.pages as string[];
    expect(all.length).toBeGreaterThan(8);
    for (const address of all) expect(address).toMatch(new RegExp(`^${prefix}/(docs|redoc|openapi\\.json)(/|$)`));
    expect(found).toMatchObject({
      noscript: `${prefix}/openapi.json`,
      initializer: [`${prefix}/openapi.json`, `${prefix}/docs/oauth2-redirect`],
      servers: prefix === '' ? undefined : [{ url: prefix }],
      tokenUrl: `${prefix}/api/v1/auth/login`,
      types: [`${prefix}/docs/errors`],
      paths: [],
      root: [`${prefix}/docs`, `${prefix}/redoc`, `${prefix}/openapi.json`, `${prefix}/health`],
      problem: `${prefix}/docs/errors#http.not_found`,
      redirect: `${base}/docs?a=1`,
    });
    for (const address of found.previews as string[]) expect(address).toMatch(new RegExp(`^${prefix}/dev/mails(/|$)`));
    expect(found.successor).toBe(`<${prefix}/api/v2/gadgets/{id}>; rel="successor-version"`);
  }

  describe('in X-Forwarded-Prefix with TRUST_PROXY=1', () => {
    beforeAll(() => start({ TRUST_PROXY: '1' }));
    afterAll(() => app.stop());

    it.each(['/auth', '/a/b-2/C_3.x~y'])('precedes every path in responses: %s', async (prefix) => {
      await expectPrefix(prefix, prefix, { 'x-forwarded-prefix': prefix });
    });

    it('can end with a slash', async () => expectPrefix('/auth', '/auth', { 'x-forwarded-prefix': '/auth/' }));

    it.each([
      '/',
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'auth',
      '/a//b',
      '/../a',
      '/a/..',
      '/%2e%2e/a',
      '/a"><script>',
      "/a'+alert(1)+'",
      '/a, /b',
      '/a b',
      `/${'x'.repeat(200)}`,
    ])('is ignored if it is %s', async (prefix) => {
      const { redirect, ...rest } = await publishedPaths({ 'x-forwarded-prefix': prefix });
      expect(redirect).toBe('/docs?a=1');
      const { redirect: _, ...without } = await publishedPaths();
      expect(rest).toEqual(without);
    });

    it('does not appear in responses to other clients', async () => {
      await expectPrefix('/one', '/one', { 'x-forwarded-prefix': '/one' });
      await expectPrefix('/two', '/two', { 'x-forwarded-prefix': '/two' });
      await expectPrefix('', app.url);
    });

    it('is part of Vary, so that caches separate the responses', async () => {
      for (const path of [...PAGES, '/openapi.json', '/docs/swagger-initializer.js']) {
        const { headers } = await get(path, { 'x-forwarded-prefix': '/auth' });
        expect([path, headers.vary, headers['cache-control']]).toEqual([
          path,
          expect.stringContaining('X-Forwarded-Prefix'),
          'no-cache',
        ]);
      }
      const bundle = await get('/docs/swagger-ui-bundle.js', { 'x-forwarded-prefix': '/auth' });
      expect(bundle.headers['cache-control']).toBe('public, max-age=3600');
    });

    it('does not change routes or the relative links of lists', async () => {
      const { token } = await signedIn(app.url);
      const headers = { 'x-forwarded-prefix': '/auth' };
      const answer = await send(app.url, '/api/v1/users/me/activity?limit=1', { headers, token });
      expect([answer.status, answer.headers.link]).toEqual([200, expect.stringMatching(/^<\?limit=1&cursor=/)]);
      expect((await get('/auth/docs', headers)).status).toBe(404);
    });
  });

  describe('in X-Forwarded-Prefix with TRUST_PROXY=0', () => {
    beforeAll(() => start({}));
    afterAll(() => app.stop());

    it('is ignored', async () => {
      await expectPrefix('', app.url, { 'x-forwarded-prefix': '/auth' });
      expect((await get('/docs')).headers.vary).toBe('Origin');
    });
  });

  describe('in PUBLIC_URL', () => {
    afterEach(() => app.stop());

    it('precedes every path in responses and overrides the header', async () => {
      await start({ PUBLIC_URL: 'https://example.com/auth', TRUST_PROXY: '1' });
      await expectPrefix('/auth', 'https://example.com/auth');
      await expectPrefix('/auth', 'https://example.com/auth', { 'x-forwarded-prefix': '/other' });
      const { headers } = await get('/docs/swagger-initializer.js');
      expect([headers.vary, headers['cache-control']]).toEqual(['Origin, Accept-Encoding', 'public, max-age=3600']);
    });

    it('is replaced by the header if it is empty', async () => {
      await start({ PUBLIC_URL: 'https://example.com', TRUST_PROXY: '1' });
      await expectPrefix('', 'https://example.com');
      await expectPrefix('/auth', 'https://example.com/auth', { 'x-forwarded-prefix': '/auth' });
    });
  });
});
