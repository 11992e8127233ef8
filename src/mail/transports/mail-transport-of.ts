import { join } from 'node:path';
import type { MailSettings } from '../settings/mail.settings.js';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import type { JobSettings } from '../../jobs/job.settings.js';
import { smtpSettings } from './smtp-settings.js';
import { senderOf } from '../messages/addresses.js';
import { FileTransport } from './file-transport.js';
import type { MailTransport } from './mail-transport.js';
import { SmtpTransport } from './smtp-transport.js';

/** Where messages are written without SMTP_HOST. */
export function mailFolderOf({ DATA_DIR }: Pick<PlatformSettings, 'DATA_DIR'>): string {
  return join(DATA_DIR, 'mail');
}

/** To the SMTP server, where there is one; one process sends as many messages at a time as it does jobs. */
export function mailTransportOf(mail: MailSettings, platform: PlatformSettings, jobs: JobSettings): MailTransport {
  const sender = senderOf(mail.MAIL_FROM, platform.APP_NAME);
  const smtp = smtpSettings(mail);
  return smtp
    ? new SmtpTransport(smtp, sender, jobs.JOB_CONCURRENCY)
    : new FileTransport(mailFolderOf(platform), sender);
}
