import { createTransport, type NodemailerError } from 'nodemailer';
import { smtpMixUp } from '../../mail/transports/smtp-mix-up.js';
import { smtpSettings } from '../../mail/transports/smtp-settings.js';
import type { Environment } from '../../settings/environment.js';

const TIMEOUT_MS = 5000;

export interface MailServerFacts {
  /** Host and port, without user and password. */
  endpoint: string;
  /** The reason why it does not accept messages. Undefined if it does. */
  refusal: string | undefined;
}

/** Connects and signs in as for a message, but sends none. */
export async function gatherMailServer(
  environment: Environment,
  unreadable: ReadonlySet<string>,
): Promise<MailServerFacts | undefined> {
  const settings = smtpSettings(environment);
  if (!settings || ['SMTP_HOST', 'SMTP_PORT', 'SMTP_TLS'].some((name) => unreadable.has(name))) return undefined;
  const [connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout] = Array<number>(4).fill(TIMEOUT_MS);
  const transport = createTransport({ ...settings, connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout });
  const endpoint = `${settings.host}:${settings.port}`;
  try {
    await transport.verify();
    return { endpoint, refusal: undefined };
  } catch (error) {
    const { message } = error as Error;
    const mixUp = smtpMixUp(settings, error as NodemailerError);
    return { endpoint, refusal: (mixUp === undefined ? message : `${message} (${mixUp})`).replaceAll(/\s+/g, ' ') };
  } finally {
    transport.close();
  }
}
