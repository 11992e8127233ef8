import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import { JobHandlers } from '../jobs/job-handlers.js';
import { mailFolderOf } from './transports/mail-transport-of.js';

const AT_NIGHT = '53 3 * * *';
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** As `FileTransport` names them, what it left unfinished included. */
const MESSAGE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]+\.eml(?:\.\d+\.tmp)?$/;

/**
 * Deletes the messages that were written into files long ago: they hold addresses, also those of accounts that are gone.
 * With SMTP_HOST too, since there may be some from before it was set.
 */
@Injectable()
export class MailFilesPurge implements OnModuleInit {
  private readonly logger = new Logger('Mail');

  constructor(
    private readonly environment: Environment,
    private readonly handlers: JobHandlers,
  ) {}

  onModuleInit(): void {
    this.handlers.schedule('mail-files.purge', AT_NIGHT, async () => {
      const purged = await this.purge();
      if (purged > 0)
        this.logger.log({
          messages: purged,
          msg: `deleted messages that were written ${KEPT_DAYS} days ago or earlier`,
        });
    });
  }

  /** @returns how many were deleted */
  async purge(): Promise<number> {
    const folder = mailFolderOf(this.environment);
    const names = await readdir(folder).catch(noneIfAbsent);
    let purged = 0;
    for (const name of names.filter((each) => MESSAGE.test(each))) {
      const path = join(folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs < KEPT_DAYS * DAY_MS) continue;
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
