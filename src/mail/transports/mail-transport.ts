import type { MailLanguage } from '../messages/mail-language.js';
import type { MailTemplate } from '../messages/mail-variables.js';

/** A message that is ready to go. */
export interface OutgoingMessage {
  /** The same at every try; unique. */
  orderId: string;
  template: MailTemplate;
  language: MailLanguage;
  /** One address. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** How messages leave: to an SMTP server, or into files. */
export interface MailTransport {
  /**
   * @param signal aborts when the process ends and has waited long enough
   * @returns the Message-ID, and the file where there is one
   * @throws PermanentFailure when another try can end no better; any other error when it can
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<{ messageId: string; path?: string }>;

  /** Ends what is open; what is being sent ends first. */
  close(): void;
}
