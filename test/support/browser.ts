import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { describeIf } from './programs.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

const executablePath = findBrowser();

/** `describe` if a browser is installed; see `describeIf`. */
export const describeInBrowser = describeIf(
  executablePath !== undefined,
  'no Chromium or Chrome is installed (Debian: apt-get install chromium)',
);

function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ON_MACOS].find(existsSync);
}

/** A page, and events that must not happen on it. */
export interface ObservedPage {
  page: Page;
  /** Requested URLs of other origins than the allowed ones. */
  foreignRequests: string[];
  /** Errors and warnings on the console, uncaught errors, violations of the Content-Security-Policy. */
  complaints: string[];
}

/** One Chromium for a test file; every page has separate cookies and storage. */
export class TestBrowser {
  private readonly contexts: BrowserContext[] = [];

  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(await chromium.launch({ executablePath: executablePath ?? '' }));
  }

  async open(url: string, { allowedOrigins = [] }: { allowedOrigins?: string[] } = {}): Promise<ObservedPage> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 1000 } });
    this.contexts.push(context);
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const observed = observe(page, [new URL(url).origin, ...allowedOrigins]);
    await page.addInitScript(REPORT_VIOLATIONS);
    await page.goto(url);
    return observed;
  }

  /** Opens another tab: a page with the same cookies and storage. */
  async openBeside({ page }: ObservedPage, url: string): Promise<ObservedPage> {
    const tab = await page.context().newPage();
    const observed = observe(tab, [new URL(url).origin]);
    await tab.goto(url);
    return observed;
  }

  async closePages(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }
}

const REPORT_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) =>
  console.error('Content-Security-Policy: ' + event.violatedDirective + ' blocked ' + event.blockedURI));`;

function observe(page: Page, origins: string[]): ObservedPage {
  const foreignRequests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !origins.includes(origin)) foreignRequests.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, foreignRequests, complaints };
}
