import { join } from 'node:path';
import type { JobSettings } from '../../jobs/job.settings.js';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { parseSenderOrThrow } from '../messages/addresses.js';
import type { MailSettings } from '../settings/mail.settings.js';
import { FileTransport } from './file-transport.js';
import type { MailTransport } from './mail-transport.js';
import { smtpSettings } from './smtp-settings.js';
import { SmtpTransport } from './smtp-transport.js';

/** The folder for messages if SMTP_HOST is not set. */
export function mailFolder({ DATA_DIR }: Pick<PlatformSettings, 'DATA_DIR'>): string {
  return join(DATA_DIR, 'mail');
}

/**
 * Creates the SMTP transport if SMTP_HOST is set, with one connection per concurrent job, or else the file transport.
 */
export function createMailTransport(mail: MailSettings, platform: PlatformSettings, jobs: JobSettings): MailTransport {
  const sender = parseSenderOrThrow(mail.MAIL_FROM, platform.APP_NAME);
  const smtp = smtpSettings(mail);
  return smtp ? new SmtpTransport(smtp, sender, jobs.JOB_CONCURRENCY) : new FileTransport(mailFolder(platform), sender);
}
