import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ObservedPage, TestBrowser } from './browser.js';
import { serveFiles } from './static-server.js';
import { TestApp } from './test-app.js';

/** The port of the documented origin, which the default CORS_ORIGINS include. */
const DOCUMENTED_PORT = 3000;
const DOCUMENTED_API = 'http://localhost:8001';

/** A single-page application with the client of docs/react.md, the service, and a browser. */
export class TestSpa {
  private constructor(
    readonly app: TestApp,
    readonly browser: TestBrowser,
    /** The origin of the application, such as `http://localhost:3000`. */
    readonly origin: string,
    /** The origin of the service for the application: another port, but the same site for cookies. */
    readonly api: string,
    readonly port: number,
    private readonly stopServing: () => Promise<void>,
  ) {}

  static async start(): Promise<TestSpa> {
    const folder = mkdtempSync(join(tmpdir(), 'nest-auth-spa-'));
    const client = join(folder, 'client.js');
    const page = resolve('test/browser/spa/page.html');
    const files = await serveFiles(
      {
        '/': page,
        '/login': page,
        '/page.js': resolve('test/browser/spa/page.js'),
        '/client.js': client,
        '/axios.js': resolve('node_modules/axios/dist/esm/axios.js'),
      },
      DOCUMENTED_PORT,
    );
    const origin = `http://localhost:${files.port}`;
    const settings = { CORS_ORIGINS: JSON.stringify([origin]) };
    const [app, browser] = await Promise.all([
      TestApp.start(files.port === DOCUMENTED_PORT ? {} : { settings }),
      TestBrowser.start(),
    ]);
    const api = app.url.replace('127.0.0.1', 'localhost');
    writeFileSync(client, documentedClient().replace(DOCUMENTED_API, api));
    return new TestSpa(app, browser, origin, api, files.port, async () => {
      await files.stop();
      rmSync(folder, { recursive: true });
    });
  }

  /** Opens a page with separate cookies and storage. */
  async open(path: string, origin = this.origin): Promise<ObservedPage> {
    return this.browser.open(`${origin}${path}`, { allowedOrigins: [this.api] });
  }

  async stop(): Promise<void> {
    await Promise.all([this.app.stop(), this.browser.stop(), this.stopServing()]);
  }
}

/** The client code in docs/react.md. */
function documentedClient(): string {
  const [, code] = /```js\n(import axios[^]*?)```/.exec(readFileSync('docs/react.md', 'utf8')) ?? [];
  if (!code?.includes(DOCUMENTED_API)) throw new Error('docs/react.md shows no client');
  return code;
}
