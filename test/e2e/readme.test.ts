import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commandBlocks } from '../support/documents.js';
import { describeWith } from '../support/programs.js';
import { TestApp } from '../support/test-app.js';

const run = promisify(execFile);
const DOCUMENTED_URL = 'http://localhost:8001';

describeWith('curl')('the commands of README.md that this file runs', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('register, sign in and read the account', async () => {
    const blocks = commandBlocks('README.md').filter(({ label }) => label === 'run by test/e2e/readme.test.ts');
    expect(blocks).toHaveLength(1);
    const script = (blocks[0]?.text ?? '').replaceAll(DOCUMENTED_URL, app.url);
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script]);
    const account = { id: 1, username: 'john', email: 'john@example.com', is_active: true, is_superuser: false };
    const answers = stdout.split(/(?<=\})(?=\{)/).map((answer) => JSON.parse(answer) as unknown);
    expect(answers).toEqual([expect.objectContaining(account), expect.objectContaining(account)]);
  });
});
