import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Sender } from '../settings/sender.js';
import type { MailTransport, OutgoingMessage } from './mail-transport.js';
import { messageIdOf, mimeMessage } from './mime-message.js';

/**
 * Writes messages to .eml files if SMTP_HOST is not set. The files contain links that give access to accounts, so only
 * the operating system user of the service can read them.
 */
export class FileTransport implements MailTransport {
  private readonly composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(
    private readonly folder: string,
    private readonly from: Sender,
  ) {}

  /** Names the file after the order, a UUIDv7: names sort by time, and a retry replaces the file. */
  async send(message: OutgoingMessage): Promise<{ messageId: string; path: string }> {
    const { message: content } = await this.composer.sendMail(mimeMessage(message, this.from));
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, `${message.orderId}.${message.template}.eml`);
    const unfinished = `${path}.${process.pid}.tmp`;
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(content as Buffer);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return { messageId: messageIdOf(message.orderId, this.from), path };
  }

  close(): void {
    this.composer.close();
  }
}
