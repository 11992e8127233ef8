import { join } from 'node:path';
import type { Environment } from '../../platform/config/environment.js';
import { smtpSettings } from '../../platform/config/smtp-settings.js';
import { senderOf } from '../messages/addresses.js';
import { FileTransport } from './file-transport.js';
import type { MailTransport } from './mail-transport.js';
import { SmtpTransport } from './smtp-transport.js';

/** Where messages are written without SMTP_HOST. */
export function mailFolderOf({ DATA_DIR }: Pick<Environment, 'DATA_DIR'>): string {
  return join(DATA_DIR, 'mail');
}

/** To the SMTP server, where there is one; one process sends as many messages at a time as it does jobs. */
export function mailTransportOf(environment: Environment): MailTransport {
  const { MAIL_FROM, APP_NAME, JOB_CONCURRENCY } = environment;
  const sender = senderOf(MAIL_FROM, APP_NAME);
  const settings = smtpSettings(environment);
  return settings
    ? new SmtpTransport(settings, sender, JOB_CONCURRENCY)
    : new FileTransport(mailFolderOf(environment), sender);
}
