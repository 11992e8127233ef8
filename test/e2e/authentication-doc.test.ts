import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith } from '../support/programs.js';
import { MailedApp } from '../support/mailed-app.js';

const run = promisify(execFile);
const DOCUMENTED_API = 'http://localhost:8001/api/v1';

/** The pages in the order in which their commands build on each other. */
const PAGES = [
  'docs/authentication.md',
  'docs/authentication/sessions.md',
  'docs/authentication/passwords.md',
  'docs/authentication/email-addresses.md',
  'docs/authentication/account-data.md',
];
const text = PAGES.map((page) => readFileSync(page, 'utf8')).join('\n');
const blocks = [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block);

/** The blocks run in order and share their shell variables. */
describeWith('curl')('the commands of the pages about authentication', () => {
  let service: MailedApp;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nest-auth-doc-'));
    writeFileSync(join(folder, 'state'), '');
    service = await MailedApp.start({ settings: { EMAIL_VERIFICATION: 'optional' } });
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  async function linkToken(block: string): Promise<string> {
    const [, address = ''] = /# LINK_TOKEN: .* to (\S+)/.exec(block) ?? [];
    const [, page = ''] = /\/auth\/(reset-password|verify-email|confirm-email)/.exec(block) ?? [];
    // Skips the message of the registration, since the example requests another one.
    if (page === 'verify-email' && address !== '') await service.link(address, page);
    return address === '' ? '' : service.link(address, page);
  }

  it.each(blocks.map((block, number) => [number + 1, block.split('\n').at(-2), block] as const))(
    '%i: … %s',
    async (_number, _last, block) => {
      const state = join(folder, 'state');
      const script = `set -euo pipefail; set -a; . ${state}; ${block.replace(DOCUMENTED_API, `${service.url}/api/v1`)}
        declare -p API JSON TOKEN REFRESH 2>/dev/null > ${state} || true; declare -f field >> ${state}`;
      const env = { ...process.env, LINK_TOKEN: await linkToken(block) };
      // With `-f`, curl fails for every status from 400 on.
      await run('bash', ['-c', script], { env });
    },
  );

  it('cover an account from its registration to its deletion', async () => {
    expect(blocks.length).toBeGreaterThan(10);
    expect(await service.app.sql('SELECT username FROM users')).toEqual([{ username: 'jane' }]);
    const events = await service.app.sql<{ action: string }>(
      `SELECT action FROM audit_events WHERE subject_id <> (SELECT id FROM users)`,
    );
    const flows = ['user.registered', 'session.opened', 'password.changed', 'password.reset', 'email.changed'];
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining([...flows, 'user.deleted']));
  });
});
