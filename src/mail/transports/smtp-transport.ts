import { createTransport, type NodemailerError } from 'nodemailer';
import { PermanentFailure } from '../../jobs/permanent-failure.js';
import { redactPersonalData } from '../messages/addresses.js';
import type { Sender } from '../settings/sender.js';
import type { MailTransport, OutgoingMessage } from './mail-transport.js';
import { messageIdOf, mimeMessage } from './mime-message.js';
import { smtpMixUp } from './smtp-mix-up.js';
import type { SmtpSettings } from './smtp-settings.js';

/** Hands messages to an SMTP server, over connections that are kept for the next ones. */
export class SmtpTransport implements MailTransport {
  private readonly pool;

  /** @param maxConnections as many as there can be messages at a time */
  constructor(
    private readonly settings: SmtpSettings,
    private readonly from: Sender,
    maxConnections: number,
  ) {
    // An idle connection that the server has closed is replaced once; any further try is the queue's, which waits before it.
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

/** Replies to these are about the receiver and the message; to any other command, about this service's own set-up, which somebody mends. */
const ABOUT_THE_MESSAGE = new Set(['RCPT TO', 'DATA']);

/**
 * What nodemailer says holds the receiver's address, in fields and text: a new error has the reason alone.
 * 503 says that commands came in the wrong order, which a new conversation mends.
 */
function toFailure(error: NodemailerError, settings: SmtpSettings): Error {
  const { message, code, command, responseCode = 0 } = error;
  const reason = redactPersonalData(message);
  const isRefusal = responseCode >= 500 && responseCode < 600 && responseCode !== 503;
  if (isRefusal && ABOUT_THE_MESSAGE.has(command ?? '')) {
    return new PermanentFailure(`the SMTP server refuses the message for good: ${reason}`);
  }
  const mixUp = smtpMixUp(settings, error);
  const cause = mixUp === undefined ? reason : `${reason} (${mixUp})`;
  return new Error(`the SMTP server did not take the message (${code ?? 'unknown'}): ${cause}`);
}
