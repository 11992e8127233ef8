import type { MailSettings } from '../settings/mail.settings.js';

/** How to reach the SMTP server, in the words of nodemailer. */
export interface SmtpSettings {
  host: string;
  port: number;
  /** TLS from the start. */
  secure: boolean;
  /** No message without STARTTLS, whatever the server says that it can. */
  requireTLS: boolean;
  ignoreTLS: boolean;
  /** Certificates are checked: against Node's authorities and NODE_EXTRA_CA_CERTS. */
  tls: { minVersion: 'TLSv1.2' };
  auth?: { user: string; pass: string };
  connectionTimeout: number;
  greetingTimeout: number;
  socketTimeout: number;
  dnsTimeout: number;
}

type SmtpVariables = Pick<MailSettings, 'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_TLS' | 'SMTP_USER' | 'SMTP_PASSWORD'>;

/**
 * A server that hangs holds a place among the jobs until these end. RFC 5321 section 4.5.3.2 has minutes, for relays; who
 * submits a message is answered in seconds, and a try that was given up is repeated with the same Message-ID.
 */
const PATIENCE_MS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

/** @returns undefined without SMTP_HOST */
export function smtpSettings(settings: SmtpVariables): SmtpSettings | undefined {
  const { SMTP_HOST, SMTP_PORT, SMTP_TLS, SMTP_USER, SMTP_PASSWORD } = settings;
  if (!SMTP_HOST) return undefined;
  return {
    host: SMTP_HOST,
    port: SMTP_PORT,
    secure: SMTP_TLS === 'tls',
    requireTLS: SMTP_TLS === 'starttls',
    ignoreTLS: SMTP_TLS === 'off',
    tls: { minVersion: 'TLSv1.2' },
    ...(SMTP_USER && SMTP_PASSWORD ? { auth: { user: SMTP_USER, pass: SMTP_PASSWORD } } : {}),
    ...PATIENCE_MS,
  };
}
