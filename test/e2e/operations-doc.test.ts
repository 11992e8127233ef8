import { readFileSync } from 'node:fs';
import { signedIn, signIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';

/** The SQL statements of docs/operations/accounts.md, for this username. */
function statementsFor(username: string): Record<'superuser' | 'disable' | 'enable', string> {
  const text = readFileSync('docs/operations/accounts.md', 'utf8');
  const found = [...text.matchAll(/```sql\n([^]*?)```/g)].map(([, sql = '']) => sql.replace("'john'", `'${username}'`));
  expect(found).toHaveLength(3);
  const [superuser = '', disable = '', enable = ''] = found;
  return { superuser, disable, enable };
}

describe('the SQL of docs/operations/accounts.md', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('grants superuser rights, and disables and enables an account', async () => {
    const account = await signedIn(app.url);
    const statements = statementsFor(account.username);
    await app.sql(statements.superuser);
    expect((await send(app.url, ME, { token: account.token })).body).toMatchObject({ is_superuser: true });
    await app.sql(statements.disable);
    expect((await send(app.url, ME, { token: account.token })).status).toBe(401);
    await app.sql(statements.enable);
    const token = await signIn(app.url, account);
    expect((await send(app.url, ME, { token })).body).toMatchObject({ is_active: true });
  });
});
