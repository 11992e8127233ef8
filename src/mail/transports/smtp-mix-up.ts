import type { SmtpSettings } from './smtp-settings.js';

/** The fields of an error from nodemailer. */
interface SmtpFailure {
  message: string;
  code?: string | undefined;
  command?: string | undefined;
}

/**
 * Detects a mismatch of SMTP_PORT and SMTP_TLS behind a failed connection: port 465 expects TLS from the start, ports
 * 587 and 25 expect STARTTLS (RFC 8314 section 3.3).
 *
 * @returns advice that names the settings; undefined if the failure has another cause
 */
export function smtpMixUp({ secure, port }: SmtpSettings, failure: SmtpFailure): string | undefined {
  const { message, code, command } = failure;
  if (secure && /wrong version number|unknown protocol|packet length too long|http request/i.test(message)) {
    return `port ${port} does not expect TLS from the start: with SMTP_TLS=tls use port 465, with port 587 or 25 SMTP_TLS=starttls`;
  }
  if (code === 'ETLS') return `port ${port} does not offer STARTTLS: use SMTP_TLS=tls with port 465`;
  const isBeforeGreeting = command === 'CONN' && (/greeting/i.test(message) || code === 'ECONNECTION');
  if (!secure && isBeforeGreeting) {
    return `port ${port} sends no greeting, as a port that expects TLS from the start: use SMTP_TLS=tls with port 465`;
  }
  return undefined;
}
