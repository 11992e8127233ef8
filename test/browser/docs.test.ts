import { type Account, PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { describeInBrowser, type ObservedPage, TestBrowser } from '../support/browser.js';
import { documentedTags } from '../support/documented-operations.js';
import { SwaggerUi } from '../support/swagger-ui.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
/** Swagger UI warns about every operation id with an underscore, and all ids of FastAPI have some. */
const DEEP_LINK_DEPRECATION = /^Deprecated: escaping deep link whitespace/;

describeInBrowser('/docs', () => {
  let app: TestApp;
  let browser: TestBrowser;
  let account: Account;
  let observed: ObservedPage;
  let docs: SwaggerUi;

  /** Reloads the page, which discards all tokens. Static files come from the browser's cache. */
  async function openDocs(fragment = ''): Promise<void> {
    await observed.page.goto('about:blank');
    observed.foreignRequests.length = 0;
    observed.complaints.length = 0;
    await observed.page.goto(`${app.url}/docs${fragment}`);
    await docs.operation('get', ME).waitFor();
  }

  async function attributes(selector: string, name: string): Promise<(string | null)[]> {
    const elements = await observed.page.locator(selector).all();
    return Promise.all(elements.map((element) => element.getAttribute(name)));
  }

  beforeAll(async () => {
    [app, browser] = await Promise.all([TestApp.start(), TestBrowser.start()]);
    account = await register(app.url, { username: 'john' });
    observed = await browser.open(`${app.url}/docs`);
    docs = new SwaggerUi(observed.page);
  });
  beforeEach(() => openDocs());
  afterAll(() => Promise.all([app?.stop(), browser?.stop()]));

  it('shows title, version, OAS badge, document link, Authorize and schemas', async () => {
    const { page } = observed;
    expect(await page.title()).toBe('FastAPI Backend - Swagger UI');
    expect(await page.locator('.info .title').innerText()).toContain('FastAPI Backend');
    expect(await page.locator('.info .title .version').allInnerTexts()).toEqual([
      expect.stringMatching(/^\s*\d+\.\d+\.\d+\s*$/),
      'OAS 3.1',
    ]);
    const badge = "getComputedStyle(document.querySelector('.info .version-stamp')).backgroundColor";
    expect(await page.evaluate(badge)).toBe('rgb(137, 191, 4)');
    expect(await page.locator('.info a.link').getAttribute('href')).toBe('/openapi.json');
    expect(await page.locator('.btn.authorize').innerText()).toBe('Authorize');
    expect(await page.locator('section.models h4').innerText()).toBe('Schemas');
    expect(await page.locator('.topbar').count()).toBe(0);
  });

  it('shows every operation under its tag, those of FastAPI first', async () => {
    const documented = await documentedTags(app.url);
    expect(await attributes('.opblock-tag', 'data-tag')).toEqual([...documented.keys()]);
    expect([...documented.keys()].slice(0, 2)).toEqual(['auth', 'users']);
    const shown = await docs.operations();
    expect(shown).toEqual([...documented.values()].flat().map(({ method, path }) => `${method} ${path}`));
    expect(shown.indexOf(`get ${ME}`)).toBe(documented.get('auth')?.length);
    expect(shown.slice(0, 3)).toEqual([
      'post /api/v1/auth/register',
      'post /api/v1/auth/login',
      'post /api/v1/auth/login-json',
    ]);
  });

  it('requests no other host and violates no policy while it executes a request', async () => {
    await docs.openDialog();
    await docs.closeDialog();
    expect((await docs.execute(await docs.tryOut('post', '/api/v1/auth/login'))).status).toMatch(/^200/);
    expect(observed.foreignRequests).toEqual([]);
    expect(observed.complaints).toEqual([]);
  });

  it('offers both security schemes in the dialog, with the focus on the username', async () => {
    await docs.openDialog();
    const [oauth = '', bearer = ''] = await docs.dialog.locator('.auth-container').allInnerTexts();
    expect(oauth.match(/OAuth2PasswordBearer.*|Token URL.*|Flow.*|.*:$/gm)).toEqual([
      'OAuth2PasswordBearer (OAuth2, password)',
      'Token URL: /api/v1/auth/login',
      'Flow: password',
      'username:',
      'password:',
      'Client credentials location:',
      'client_id:',
      'client_secret:',
    ]);
    expect(bearer).toMatch(/HTTPBearer\s+\(http, Bearer\)/);
    expect(await observed.page.evaluate('document.activeElement.id')).toBe('oauth_username');
  });

  it('signs in with username and password, and tries out /users/me', async () => {
    const posted = observed.page.waitForRequest('**/api/v1/auth/login');
    await docs.authorize(account.username, account.password);
    const request = await posted;
    expect(request.postData()).toBe(`grant_type=password&username=${account.username}&password=${account.password}`);
    expect(request.headers()).toMatchObject({
      authorization: 'Basic Og==',
      'content-type': 'application/x-www-form-urlencoded',
      'x-requested-with': 'XMLHttpRequest',
    });
    await docs.signedIn('OAuth2PasswordBearer').waitFor();
    await docs.closeDialog();
    const answer = await docs.execute(await docs.tryOut('get', ME));
    expect(answer.status).toMatch(/^200/);
    expect(JSON.parse(answer.body)).toMatchObject({ id: account.id, username: account.username });
    expect(observed.complaints).toEqual([]);
  });

  it('shows the reason phrase for a wrong password', async () => {
    await docs.authorize(account.username, 'not the password');
    await docs.dialog.locator('.errors').waitFor();
    expect(await docs.dialog.locator('.errors > *').allInnerTexts()).toEqual(['Auth Error', 'Error: Unauthorized']);
  });

  it('accepts a pasted token', async () => {
    await docs.pasteToken(await signIn(app.url, account));
    await docs.signedIn('HTTPBearer').waitFor();
    await docs.closeDialog();
    const answer = await docs.execute(await docs.tryOut('get', ME));
    expect(answer.status).toMatch(/^200/);
    expect(JSON.parse(answer.body)).toMatchObject({ id: account.id });
  });

  it('shows 401 without a token', async () => {
    const answer = await docs.execute(await docs.tryOut('get', ME));
    expect(answer.status).toMatch(/^401/);
    expect(JSON.parse(answer.body)).toEqual({ detail: 'Not authenticated' });
  });

  it('opens the operation of a deep link', async () => {
    await openDocs('#/users/read_users_me_api_v1_users_me_get');
    await docs.operation('get', ME).locator('.opblock-body').waitFor();
    expect(await observed.page.locator('.opblock.is-open').count()).toBe(1);
    expect(observed.complaints.filter((complaint) => !DEEP_LINK_DEPRECATION.test(complaint))).toEqual([]);
  });

  it('registers and signs in with JSON based on the examples', async () => {
    const username = uniqueName('docs');
    const registration = await docs.tryOut('post', '/api/v1/auth/register');
    const body = registration.locator('textarea.body-param__text');
    expect(JSON.parse(await body.inputValue())).toEqual({
      username: 'john',
      password: PASSWORD,
      email: 'john@example.com',
    });
    await body.fill(JSON.stringify({ username, password: PASSWORD }));
    const registered = await docs.execute(registration);
    expect(registered.status).toMatch(/^200/);
    expect(JSON.parse(registered.body)).toMatchObject({ username, email: null });

    const login = await docs.tryOut('post', '/api/v1/auth/login-json');
    await login.locator('textarea.body-param__text').fill(JSON.stringify({ username, password: PASSWORD }));
    const answer = await docs.execute(login);
    expect(answer.status).toMatch(/^200/);
    expect(JSON.parse(answer.body)).toMatchObject({ token_type: 'bearer', access_token: expect.any(String) as string });
  });

  it('fills the login form with the example account', async () => {
    const login = await docs.tryOut('post', '/api/v1/auth/login');
    expect(await login.getByPlaceholder('username').inputValue()).toBe(account.username);
    expect(await login.getByPlaceholder('password', { exact: true }).inputValue()).toBe(PASSWORD);
    expect((await docs.execute(login)).status).toMatch(/^200/);
  });
});
