import { describeInBrowser, type ObservedPage, TestBrowser } from '../support/browser.js';
import { type DocumentedOperation, documentedTags } from '../support/documented-operations.js';
import { TestApp } from '../support/test-app.js';

/** A tag followed by the summaries of its operations. */
const headings = ([tag, operations]: [string, readonly DocumentedOperation[]]): string[] => [
  tag,
  ...operations.map(({ summary }) => summary),
];

describeInBrowser('/redoc', () => {
  let app: TestApp;
  let browser: TestBrowser;
  let observed: ObservedPage;

  beforeAll(async () => {
    [app, browser] = await Promise.all([TestApp.start(), TestBrowser.start()]);
    observed = await browser.open(`${app.url}/redoc`);
    await observed.page.locator('#tag\\/users').waitFor();
  });
  afterAll(() => Promise.all([app?.stop(), browser?.stop()]));

  it('shows every operation under the title, those of FastAPI first', async () => {
    const { page } = observed;
    expect(await page.title()).toBe('FastAPI Backend - ReDoc');
    expect(await page.locator('h1').first().innerText()).toContain('FastAPI Backend');
    const shown = await page.locator('.api-content h2').allInnerTexts();
    expect(shown).toEqual([...(await documentedTags(app.url))].flatMap(headings));
    const [auth, users] = [shown.indexOf('auth'), shown.indexOf('users')];
    expect(shown.slice(auth, auth + 4)).toEqual(['auth', 'Register', 'Login', 'Login Json']);
    expect(shown.slice(users, users + 2)).toEqual(['users', 'Read Users Me']);
  });

  it('finds an operation', async () => {
    const { page } = observed;
    await page.getByPlaceholder('Search...').pressSequentially('json');
    const results = page.locator('[data-role="search:results"]');
    await results.waitFor();
    expect(await results.innerText()).toContain('Login Json');
  });

  it('requests no other host and violates no policy', () => {
    expect(observed.foreignRequests).toEqual([]);
    expect(observed.complaints).toEqual([]);
  });
});
