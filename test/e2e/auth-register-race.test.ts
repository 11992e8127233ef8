import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const RIVALS = 100;
const ROUNDS = [1, 2, 3];

describe('concurrent registrations', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
    // With a cold pool, the first request would finish before the others have a connection.
    await Promise.all(Array.from({ length: 30 }, async () => register(app.url)));
  });
  afterAll(() => app.stop());

  /** Sends concurrent registrations and counts the responses of each kind. */
  async function race(fieldsOf: (rival: number) => object): Promise<Record<string, number>> {
    const outcomes = await Promise.all(
      Array.from({ length: RIVALS }, async (_, rival) => {
        const body = { username: uniqueName(), password: PASSWORD, ...fieldsOf(rival) };
        const { status, body: answer } = await send(app.url, '/api/v1/auth/register', { body });
        return status === 200 ? '200' : `${status} ${String(answer.detail)}`;
      }),
    );
    return Object.fromEntries(
      [...new Set(outcomes)].map((kind) => [kind, outcomes.filter((each) => each === kind).length]),
    );
  }

  it.each(ROUNDS)('of one username in many spellings succeed once and fail alike otherwise (round %i)', async () => {
    const name = uniqueName('rivalry');
    const outcomes = await race((rival) => ({ username: spelling(name, rival) }));
    expect(outcomes).toEqual({ '200': 1, '400 Username already registered': RIVALS - 1 });
    const rows = await app.sql('SELECT FROM users WHERE lower(username) = lower($1)', [name]);
    expect(rows).toHaveLength(1);
  });

  it.each(ROUNDS)(
    'of one e-mail address in many spellings succeed once and fail alike otherwise (round %i)',
    async () => {
      const email = `${uniqueName('rivalry')}@example.com`;
      const outcomes = await race((rival) => ({ email: spelling(email, rival) }));
      expect(outcomes).toEqual({ '200': 1, '400 Email already registered': RIVALS - 1 });
      const rows = await app.sql('SELECT FROM users WHERE lower(email) = lower($1)', [email]);
      expect(rows).toHaveLength(1);
    },
  );
});

/** The text with the letters in upper case that the bits of the number select. */
function spelling(text: string, number: number): string {
  return Array.from(text, (letter, place) => ((number >> (place % 7)) & 1 ? letter.toUpperCase() : letter)).join('');
}
