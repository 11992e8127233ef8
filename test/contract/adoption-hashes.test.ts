import bcrypt from 'bcrypt';
import { describeUnusable, unusableHashes } from '../../src/migrations/password-hashes.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP } from './existing-deployment.js';

const PASSWORD = 'secret-of-a-test';
const HASH = bcrypt.hashSync(PASSWORD, 4);
const renamed = (prefix: string) => HASH.replace('$2b$', prefix);

const VERIFIABLE = [HASH, renamed('$2a$'), renamed('$2y$')];
const UNUSABLE: [kind: string, hash: string][] = [
  ['argon2', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNo'],
  ['argon2', 'argon2$argon2id$v=19$m=512,t=2,p=2$c2FsdA$aGFzaA'],
  ['pbkdf2', 'pbkdf2_sha256$260000$salt$aGFzaA='],
  ['pbkdf2', '$pbkdf2-sha256$29000$c2FsdA$aGFzaA'],
  ['scrypt', 'scrypt:32768:8:1$salt$00ff'],
  ['bcrypt of a hash', `bcrypt_sha256${HASH}`],
  ['bcrypt of a hash', '$bcrypt-sha256$v=2,t=2b,r=12$c2FsdA$aGFzaA'],
  ['empty', ''],
  ['malformed bcrypt', HASH.slice(0, -1)],
  ['malformed bcrypt', `${HASH}x`],
  ['malformed bcrypt', `${HASH}\n`],
  ['malformed bcrypt', renamed('$2x$')],
  ['malformed bcrypt', renamed('$2$')],
  ['malformed bcrypt', HASH.replace('$04$', '$03$')],
  ['malformed bcrypt', HASH.replace('$04$', '$32$')],
  // Unused bits are set, so bcrypt never computes this hash.
  ['malformed bcrypt', `${HASH.slice(0, 28)}v${HASH.slice(29)}`],
  ['malformed bcrypt', `${HASH.slice(0, -1)}v`],
  ['crypt', '$6$salt$aGFzaA'],
  ['unknown', PASSWORD],
  ['unknown', '!'],
  ['unknown', ` ${HASH}`],
];

const INSERT = 'INSERT INTO users (username, hashed_password, is_active) VALUES ($1, $2, true)';

async function withHashes(hashes: readonly string[]): Promise<DatabaseSettings> {
  const database = await deploymentOf(DUMP);
  for (const [index, hash] of hashes.entries()) await query(database, INSERT, [`hashed${index}`, hash]);
  return database;
}

const kindsIn = async (database: DatabaseSettings) => unusableHashes({ query: (sql) => query(database, sql) });

describe('adoption of a table with password hashes', () => {
  it('reports the number of unverifiable hashes by kind and shows no hash', async () => {
    const database = await withHashes([...VERIFIABLE, ...UNUSABLE.map(([, hash]) => hash)]);
    const output = await adopt(database);
    expect(output).toContain(
      `"msg":"${UNUSABLE.length} accounts have a password hash that can never be verified (malformed bcrypt 9, ` +
        'unknown 3, argon2 2, bcrypt of a hash 2, pbkdf2 2, crypt 1, empty 1, scrypt 1): they need a new password to sign in"',
    );
    for (const [, hash] of UNUSABLE)
      if (hash.length > 3) expect(output).not.toContain(JSON.stringify(hash).slice(1, -1));
    await dropDatabase(database);
  });

  it('reports nothing if all hashes can be verified', async () => {
    const database = await withHashes(VERIFIABLE);
    expect(await adopt(database)).not.toContain('password hash');
    expect(await kindsIn(database)).toEqual([]);
    await dropDatabase(database);
  });

  it('classifies each unverifiable hash', async () => {
    const database = await withHashes([]);
    for (const [kind, hash] of UNUSABLE) {
      await query(database, 'UPDATE users SET hashed_password = $1 WHERE id = 1', [hash]);
      expect([hash, await kindsIn(database)]).toEqual([hash, [{ kind, accounts: 1 }]]);
    }
    await dropDatabase(database);
  });

  it('reports exactly the hashes that cannot sign in', async () => {
    const hashes = [...VERIFIABLE, ...UNUSABLE.map(([, hash]) => hash)];
    const database = await withHashes(hashes);
    await adopt(database);
    const app = await TestApp.start({ database });
    const statuses: [hash: string, status: number][] = [];
    for (const [index, hash] of hashes.entries()) {
      const body = { username: `hashed${index}`, password: PASSWORD };
      statuses.push([hash, (await send(app.url, '/api/v1/auth/login-json', { body })).status]);
    }
    await app.stop();
    expect(statuses).toEqual(hashes.map((hash) => [hash, VERIFIABLE.includes(hash) ? 200 : 401]));
    await dropDatabase(database);
  });
});

describe('describeUnusable', () => {
  it.each([
    [[], undefined],
    [[{ kind: 'argon2', accounts: 1 }], '1 account has a password hash that can never be verified (argon2 1)'],
  ])('describes %j as %s', (hashes, text) => {
    expect(describeUnusable(hashes)).toBe(text);
  });
});
