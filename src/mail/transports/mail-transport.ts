import type { MailLanguage } from '../messages/mail-language.js';
import type { MailTemplate } from '../messages/mail-variables.js';

/** A rendered message. */
export interface OutgoingMessage {
  /** Unique, and the same for every attempt. */
  orderId: string;
  template: MailTemplate;
  language: MailLanguage;
  /** One address. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Sends messages to an SMTP server, or writes them to files. */
export interface MailTransport {
  /**
   * @param signal aborts when the process shuts down and its grace period is over
   * @returns the Message-ID, and the path if the message was written to a file
   * @throws PermanentFailure if a retry cannot succeed; any other error if it can
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<{ messageId: string; path?: string }>;

  /** Closes connections once the messages in progress are sent. */
  close(): void;
}
