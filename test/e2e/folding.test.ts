import { UserCredentialsService } from '../../src/users/user-credentials.service.js';
import { foldedSql } from '../../src/platform/database/folded-sql.js';
import { adopt } from '../contract/existing-deployment.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

/** The index expression of the previous release. */
const FORMER = (text: string) =>
  `(normalize(upper(lower(normalize(${text}, NFKC) COLLATE "und-x-icu")), NFKC) COLLATE "C")`;

const ALL = Array.from({ length: 0x11_0000 - 1 }, (_, code) => String.fromCodePoint(code + 1)).filter((text) =>
  text.isWellFormed(),
);
/** The number of letters that fit into a username after a unique prefix. */
const LETTERS_A_NAME = 25;

const folds = (expression: string) =>
  `SELECT ${expression} AS folded FROM unnest($1::text[]) WITH ORDINALITY AS each (text, place) ORDER BY place`;

interface Answer {
  username: string;
  detail: unknown;
}

describe('the letter case of usernames and addresses', () => {
  let app: TestApp;
  let former: readonly string[];

  beforeAll(async () => {
    app = await TestApp.start();
    former = await foldsOf(ALL, FORMER('text'));
  });
  afterAll(() => app.stop());

  const foldsOf = async (texts: readonly string[], expression = foldedSql('text')): Promise<string[]> =>
    (await app.sql<{ folded: string }>(folds(expression), [texts])).map(({ folded }) => folded);

  const attempt = async (username: string, more: object = {}) =>
    send<Answer>(app.url, '/api/v1/auth/register', { body: { username, password: PASSWORD, ...more } });

  /** Letters that the ICU of the database folds differently from Node, several per string. */
  function disputed(): string[] {
    const differing = ALL.filter((text, index) => {
      const form = text.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC');
      return form !== former[index] && form !== text;
    });
    const count = Math.ceil(differing.length / LETTERS_A_NAME);
    return Array.from({ length: count }, (_, n) =>
      differing.slice(n * LETTERS_A_NAME, (n + 1) * LETTERS_A_NAME).join(''),
    );
  }

  it('does not matter for any letter of Unicode', async () => {
    const pairs = ALL.flatMap((text) =>
      [text.toLowerCase(), text.toUpperCase()].filter((other) => other !== text).map((other) => [text, other] as const),
    );
    const lefts = await foldsOf(pairs.map(([left]) => left));
    const rights = await foldsOf(pairs.map(([, right]) => right));
    expect(pairs.filter((_, index) => lefts[index] !== rights[index])).toEqual([]);
    expect(pairs.length).toBeGreaterThan(2800);
  });

  it('folds all letters but some capitals as the previous release does', async () => {
    const now = await foldsOf(ALL);
    const changed = ALL.filter((_, index) => former[index] !== now[index]);
    // Only capital letters whose small form an ICU older than 2018 does not know have changed.
    expect(changed.filter((text) => text.toLowerCase() === text)).toEqual([]);
  });

  it('allows one account for both cases of a letter where the previous release allowed two', async () => {
    for (const small of ['აბგდ', ...disputed()]) {
      const prefix = uniqueName('x');
      const capital = small.normalize('NFKC').toUpperCase();
      expect((await attempt(`${prefix}${small}`)).status).toBe(200);
      expect(await attempt(`${prefix}${capital}`)).toMatchObject({
        status: 400,
        body: { detail: 'Username already registered' },
      });
      const body = { username: `${prefix}${capital}`, password: PASSWORD };
      expect([capital, (await send(app.url, '/api/v1/auth/login-json', { body })).status]).toEqual([capital, 200]);
    }
  });

  it('lets one of two concurrent registrations succeed', async () => {
    const prefix = uniqueName('x');
    const answers = await Promise.all([attempt(`${prefix}აბგდ`), attempt(`${prefix}ᲐᲑᲒᲓ`)]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });

  it('does not matter for addresses', async () => {
    expect((await attempt(uniqueName(), { email: 'აბგდ@example.com' })).status).toBe(200);
    expect(await attempt(uniqueName(), { email: 'ᲐᲑᲒᲓ@example.com' })).toMatchObject({
      status: 400,
      body: { detail: 'Email already registered' },
    });
  });
});

describe('two accounts of the previous release whose usernames now fold to the same form', () => {
  it('keep their usernames after the upgrade and sign in with the exact one', async () => {
    const database = await createDatabase();
    await query(database, 'DROP INDEX uq_users_username_caseless, uq_users_email_caseless');
    await query(database, `DELETE FROM schema_migrations WHERE name LIKE 'FoldNewerLetters%'`);
    const app = await TestApp.start({ database });
    try {
      const { id } = await register(app.url, { username: 'აბგდ', email: 'აბგდ@example.com' });
      await app.sql(
        `INSERT INTO users (username, email, hashed_password) SELECT 'ᲐᲑᲒᲓ', 'ᲐᲑᲒᲓ@example.com', hashed_password
           FROM users WHERE id = $1`,
        [id],
      );
      const output = await adopt(database);
      expect(output).toContain(`accounts ${id} and ${id + 1} have the same username except for letter case`);
      expect(output).not.toContain('აბგდ');
      for (const username of ['აბგდ', 'ᲐᲑᲒᲓ']) {
        const signedIn = await send<{ access_token: string }>(app.url, '/api/v1/auth/login-json', {
          body: { username, password: PASSWORD },
        });
        const me = await send<Answer>(app.url, '/api/v1/users/me', { token: signedIn.body.access_token });
        expect(me.body.username).toBe(username);
      }
      const credentials = app.nest.get(UserCredentialsService, { strict: false });
      for (const email of ['აბგდ@example.com', 'ᲐᲑᲒᲓ@example.com'])
        expect(await credentials.findByEmail(email)).toMatchObject({ email });
      const third = { username: 'აბᲒᲓ', password: PASSWORD };
      expect((await send(app.url, '/api/v1/auth/register', { body: third })).status).toBe(400);
    } finally {
      await app.stop();
    }
    await dropDatabase(database);
  });
});
