import { createTransport, type NodemailerError } from 'nodemailer';
import { PermanentFailure } from '../../jobs/permanent-failure.js';
import { redactPersonalData } from '../messages/addresses.js';
import type { Sender } from '../settings/sender.js';
import type { MailTransport, OutgoingMessage } from './mail-transport.js';
import { messageIdOf, mimeMessage } from './mime-message.js';
import { smtpMixUp } from './smtp-mix-up.js';
import type { SmtpSettings } from './smtp-settings.js';

/** Sends messages to an SMTP server over pooled connections. */
export class SmtpTransport implements MailTransport {
  private readonly pool;

  /** @param maxConnections the number of messages that are sent concurrently */
  constructor(
    private readonly settings: SmtpSettings,
    private readonly from: Sender,
    maxConnections: number,
  ) {
    // Replaces an idle connection that the server has closed, once. The job queue makes further attempts, after a
    // delay.
    this.pool = createTransport({ ...settings, pool: true, maxConnections, maxRequeues: 1 });
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<{ messageId: string }> {
    const mail = mimeMessage(message, this.from);
    try {
      await this.pool.sendMail({ ...mail, signal });
    } catch (error) {
      throw toFailure(error as NodemailerError, this.settings);
    }
    return { messageId: messageIdOf(message.orderId, this.from) };
  }

  close(): void {
    this.pool.close();
  }
}

/**
 * Commands whose rejection concerns the recipient or the message. Other rejections concern the configuration, which an
 * operator can fix.
 */
const ABOUT_THE_MESSAGE = new Set(['RCPT TO', 'DATA']);

/**
 * Creates an error without the recipient's address, which nodemailer puts into fields and message. 503 (bad sequence of
 * commands) is retried, because a new connection can succeed.
 */
function toFailure(error: NodemailerError, settings: SmtpSettings): Error {
  const { message, code, command, responseCode = 0 } = error;
  const reason = redactPersonalData(message);
  const isRefusal = responseCode >= 500 && responseCode < 600 && responseCode !== 503;
  if (isRefusal && ABOUT_THE_MESSAGE.has(command ?? '')) {
    return new PermanentFailure(`the SMTP server permanently rejected the message: ${reason}`);
  }
  const mixUp = smtpMixUp(settings, error);
  const cause = mixUp === undefined ? reason : `${reason} (${mixUp})`;
  return new Error(`the SMTP server did not accept the message (${code ?? 'unknown'}): ${cause}`);
}
