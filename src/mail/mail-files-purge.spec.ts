import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../settings/environment.js';
import { MailFilesPurge } from './mail-files-purge.js';
import { parseSenderOrThrow } from './messages/addresses.js';
import { FileTransport } from './transports/file-transport.js';

const MESSAGE = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88.verify-email.eml';
const DAY_SECONDS = 86_400;

describe('MailFilesPurge', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'mail-files-'));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  const purge = async () => new MailFilesPurge({ DATA_DIR: data } as Environment).purge();
  const remaining = () => readdirSync(join(data, 'mail')).toSorted();
  const age = (name: string, days: number) => {
    const then = Date.now() / 1000 - days * DAY_SECONDS;
    utimesSync(join(data, 'mail', name), then, then);
  };
  const write = (name: string, days: number) => {
    mkdirSync(join(data, 'mail'), { recursive: true });
    writeFileSync(join(data, 'mail', name), '');
    age(name, days);
  };

  it('deletes a message that the transport wrote', async () => {
    const transport = new FileTransport(join(data, 'mail'), parseSenderOrThrow('no-reply@example.com', 'Test'));
    const content = { to: 'jane@example.com', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' };
    await transport.send({ orderId: randomUUID(), template: 'welcome', language: 'en', ...content });
    for (const name of remaining()) age(name, 31);
    expect([await purge(), remaining()]).toEqual([1, []]);
  });

  it('deletes messages older than 30 days, including unfinished files, and keeps newer ones', async () => {
    write(MESSAGE, 30.1);
    write(`${MESSAGE.replace('7f10', '7f11')}.4711.tmp`, 90);
    const recent = MESSAGE.replace('7f10', '7f12');
    write(recent, 29.9);
    expect(await purge()).toBe(2);
    expect(remaining()).toEqual([recent]);
  });

  it.each(['notes.eml', `${MESSAGE}.bak`, `old-${MESSAGE}`, 'welcome.txt'])(
    'keeps %s, which is not a message',
    async (name) => {
      write(name, 365);
      expect(await purge()).toBe(0);
      expect(remaining()).toEqual([name]);
    },
  );

  it('does nothing if the folder does not exist', async () => {
    expect(await purge()).toBe(0);
  });
});
