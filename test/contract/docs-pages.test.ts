import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const PAGES = [
  ['/docs', 'text/html; charset=utf-8'],
  ['/docs/errors', 'text/html; charset=utf-8'],
  ['/docs/oauth2-redirect', 'text/html; charset=utf-8'],
  ['/redoc', 'text/html; charset=utf-8'],
  ['/openapi.json', 'application/json'],
] as const;

const ASSETS = [
  ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
  ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['/docs/swagger-initializer.js', 'text/javascript; charset=utf-8'],
  ['/docs/oauth2-redirect.js', 'text/javascript; charset=utf-8'],
  ['/docs/favicon-32x32.png', 'image/png'],
  ['/redoc/redoc.standalone.js', 'text/javascript; charset=utf-8'],
] as const;

/** The URLs that an HTML page loads. */
const loadedBy = (html: string): string[] =>
  [...html.matchAll(/(?:src|href|spec-url)="([^"]*)"/g)].map(([, url]) => String(url));

describe('the docs pages', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { APP_NAME: 'Fish & <Chips>' } });
  });
  afterAll(() => app.stop());

  it.each(PAGES)('%s is served as %s without a token, and browsers revalidate it', async (path, contentType) => {
    const page = await send(app.url, path);
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': contentType,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      vary: 'Origin',
    });
  });

  it.each([
    ['/docs', 'Fish &amp; &lt;Chips&gt; - Swagger UI'],
    ['/docs/errors', 'Fish &amp; &lt;Chips&gt; - Errors'],
    ['/docs/oauth2-redirect', 'Swagger UI: OAuth2 Redirect'],
    ['/redoc', 'Fish &amp; &lt;Chips&gt; - ReDoc'],
  ])('%s has the title of the API: %s', async (path, title) => {
    const { text } = await send(app.url, path);
    expect(/<title>(.*)<\/title>/.exec(text)?.[1]).toBe(title);
  });

  it.each(PAGES.map(([path]) => path))('%s allows scripts only from the service and none inline', async (path) => {
    const { headers, text } = await send(app.url, path);
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy.join('; ')).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(policy.find((rule) => rule.startsWith('script-src'))).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?![^>]* src=)|<[^>]* on[a-z]+=/);
  });

  it.each(['/docs', '/docs/errors', '/docs/oauth2-redirect', '/redoc'])(
    '%s loads only files of the service',
    async (path) => {
      const { text } = await send(app.url, path);
      expect(text).not.toMatch(/https?:|"\/\//);
      const loaded = loadedBy(text);
      expect(loaded.length).toBeGreaterThan(0);
      for (const url of loaded) expect([url, (await send(app.url, url)).status]).toEqual([url, 200]);
    },
  );

  it.each(ASSETS)('%s is served as %s, compressed if the client accepts it', async (path, contentType) => {
    const plain = await fetch(`${app.url}${path}`, { headers: { 'accept-encoding': 'identity' } });
    const content = Buffer.from(await plain.arrayBuffer());
    expect(plain.status).toBe(200);
    expect(plain.headers.get('content-type')).toBe(contentType);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('vary')).toBe('Origin, Accept-Encoding');
    expect(plain.headers.get('cache-control')).toBe('public, max-age=3600');
    const compressed = await send(app.url, path, { headers: { 'accept-encoding': 'br;q=0.1, gzip' } });
    expect(compressed.headers).toMatchObject({ 'content-type': contentType, 'content-encoding': 'gzip' });
    expect(Number(compressed.headers['content-length'])).not.toBe(content.length);
    expect(gunzipSync(await rawBody(`${app.url}${path}`)).equals(content)).toBe(true);
  });

  it('the script of /docs configures Swagger UI like FastAPI', async () => {
    const { text } = await send(app.url, '/docs/swagger-initializer.js');
    expect(text).toContain("url: '/openapi.json'");
    expect(text).toContain("dom_id: '#swagger-ui'");
    expect(text).toContain("layout: 'BaseLayout'");
    for (const option of ['deepLinking', 'showExtensions', 'showCommonExtensions']) {
      expect(text).toContain(`${option}: true`);
    }
    expect(text).toContain("oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect'");
    expect(text).not.toMatch(/persistAuthorization|tryItOutEnabled/);
  });

  it("ReDoc's bundle loads no logo from another host", async () => {
    expect((await send(app.url, '/redoc/redoc.standalone.js')).text).not.toContain('cdn.redoc');
  });

  it('/docs/ redirects to /docs, and other paths below it answer 404', async () => {
    expect((await send(app.url, '/docs/')).headers.location).toBe(`${app.url}/docs`);
    expect((await send(app.url, '/docs/index.html')).status).toBe(404);
    expect((await send(app.url, '/docs/../package.json')).status).toBe(404);
  });
});

/** The body as it was sent; `fetch` would decompress it. */
function rawBody(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}

describe('with DOCS_ENABLED=False', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { DOCS_ENABLED: 'False' } });
  });
  afterAll(() => app.stop());

  it.each([...PAGES, ...ASSETS])('%s answers 404', async (path) => {
    const answer = await send(app.url, path);
    expect([answer.status, answer.text]).toEqual([404, '{"detail":"Not Found"}']);
    expect((await send(app.url, `${path}/`)).status).toBe(404);
  });

  it('other routes work as before', async () => {
    expect((await send(app.url, '/health')).status).toBe(200);
    expect((await send(app.url, '/api/v1/users/me')).status).toBe(401);
  });
});
