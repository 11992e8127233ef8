import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Scheduled } from '../jobs/job.decorators.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { mailFolder } from './transports/create-mail-transport.js';

const RETENTION_DAYS = 30;
const DAY_MS = 86_400_000;
/** The names of files that `FileTransport` writes, including unfinished ones. */
const MESSAGE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]+\.eml(?:\.\d+\.tmp)?$/;

/**
 * Deletes messages in DATA_DIR/mail after 30 days, because they contain addresses, including those of deleted accounts.
 * It also runs if SMTP_HOST is set, because older files may remain.
 */
@Injectable()
export class MailFilesPurge {
  private readonly logger = new Logger('Mail');

  constructor(private readonly settings: PlatformSettings) {}

  @Scheduled('mail-files.purge', '53 3 * * *')
  async run(): Promise<void> {
    const purged = await this.purge();
    if (purged > 0)
      this.logger.log({
        messages: purged,
        msg: `deleted message files older than ${RETENTION_DAYS} days`,
      });
  }

  /** @returns the number of deleted messages */
  async purge(): Promise<number> {
    const folder = mailFolder(this.settings);
    const names = await readdir(folder).catch(noneIfAbsent);
    let purged = 0;
    for (const name of names.filter((each) => MESSAGE.test(each))) {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs < RETENTION_DAYS * DAY_MS) continue;
      await rm(path);
      purged += 1;
    }
    return purged;
  }
}

function noneIfAbsent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
