import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermanentFailure } from '../../src/jobs/permanent-failure.js';
import { MailSending, orderOf } from '../support/mail-sending.js';
import { parseMessage, tokenIn } from '../support/smtp-server.js';

const LINK = 'https://auth.example/account/reset-password#token=abc-def_1';

describe('mail.send without SMTP_HOST', () => {
  let dataDir: string;
  let folder: string;
  let mails: MailSending;
  let tokens: number;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'mail-files-'));
    folder = join(dataDir, 'mail');
    mails = new MailSending({ DATA_DIR: dataDir });
    tokens = 0;
    mails.composers.register('reset-password', async ({ to }) => ({
      to: String(to ?? 'john.doe@example.com'),
      isVerified: true,
      variables: { username: 'john', link: `${LINK}${(tokens += 1)}`, validMinutes: 30 },
    }));
  });
  afterEach(() => {
    mails.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const read = (name: string) => parseMessage(readFileSync(join(folder, name), 'utf8'));

  it('writes a message file that only its owner can read', async () => {
    const order = orderOf('reset-password');
    await mails.send(order);
    const name = `${order.orderId}.reset-password.eml`;
    expect(readdirSync(folder)).toEqual([name]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const message = await read(name);
    expect(message.messageId).toBe(`<${order.orderId}@localhost.localdomain>`);
    expect(message.headers.from).toBe('Shop <no-reply@localhost.localdomain>');
    expect(message.headers.to).toBe('john.doe@example.com');
    expect(tokenIn(message)).toBe('abc-def_11');
    expect(message.raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('logs the path, but not the content', async () => {
    const order = orderOf('reset-password');
    await mails.send(order);
    expect(mails.lines).toHaveLength(1);
    expect(JSON.parse(mails.lines[0] ?? '')).toMatchObject({
      level: 30,
      path: join(folder, `${order.orderId}.reset-password.eml`),
    });
    expect(mails.lines[0]).not.toMatch(/token|john|auth\.example/);
  });

  it('replaces the file on a second attempt, with the current token', async () => {
    const order = orderOf('reset-password');
    await mails.send(order);
    await mails.send(order);
    const [name = '', ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    expect(tokenIn(await read(name))).toBe('abc-def_12');
  });

  it('names the files so that they sort in the order of the requests', async () => {
    const orders = [orderOf('reset-password'), orderOf('reset-password'), orderOf('reset-password')];
    for (const order of orders.toReversed()) await mails.send(order);
    expect(readdirSync(folder)).toEqual(orders.map(({ orderId }) => `${orderId}.reset-password.eml`));
  });

  it('retries if the folder cannot be written', async () => {
    writeFileSync(folder, 'no folder');
    const order = orderOf('reset-password');
    expect(await mails.failure(order)).not.toBeInstanceOf(PermanentFailure);
    rmSync(folder);
    await mails.send(order);
    expect(await mails.counted()).toEqual(['reset-password sent', 'reset-password deferred']);
  });

  it('keeps the mode of an existing folder', async () => {
    mkdirSync(folder);
    chmodSync(folder, 0o750);
    await mails.send(orderOf('reset-password'));
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });

  it('refuses an invalid address permanently', async () => {
    const failure = await mails.failure(orderOf('reset-password', { to: 'a@example.com, b@example.com' }));
    expect(failure).toBeInstanceOf(PermanentFailure);
  });
});
