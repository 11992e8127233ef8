import type { MailSettings } from '../settings/mail.settings.js';

/** The connection options of nodemailer. */
export interface SmtpSettings {
  host: string;
  port: number;
  /** TLS from the start. */
  secure: boolean;
  /** Requires STARTTLS, even if the server does not announce it. */
  requireTLS: boolean;
  ignoreTLS: boolean;
  /** Certificates are verified with Node's authorities and NODE_EXTRA_CA_CERTS. */
  tls: { minVersion: 'TLSv1.2' };
  auth?: { user: string; pass: string };
  connectionTimeout: number;
  greetingTimeout: number;
  socketTimeout: number;
  dnsTimeout: number;
}

type SmtpVariables = Pick<MailSettings, 'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_TLS' | 'SMTP_USER' | 'SMTP_PASSWORD'>;

/**
 * Timeouts, during which a hanging server occupies a job slot. RFC 5321 section 4.5.3.2 requires minutes between
 * relays, but a submission server responds within seconds, and a retry has the same Message-ID.
 */
const TIMEOUTS_MS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

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
    ...TIMEOUTS_MS,
  };
}
