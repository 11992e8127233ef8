import type { SendMailOptions } from 'nodemailer';
import { PermanentFailure } from '../../jobs/permanent-failure.js';
import { isSingleAddress } from '../messages/addresses.js';
import type { Sender } from '../settings/sender.js';
import type { OutgoingMessage } from './mail-transport.js';

/** With it the same message is the same to mail servers and mailboxes, however often it is sent. */
export function messageIdOf(orderId: string, { address }: Sender): string {
  return `<${orderId}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}

/**
 * In the words of nodemailer. Addresses are given in parts, which it does not parse: a text would be read as a list.
 *
 * @throws PermanentFailure when the receiver is no address, or several
 */
export function mimeMessage({ orderId, to, language, ...content }: OutgoingMessage, from: Sender): SendMailOptions {
  if (!isSingleAddress(to)) throw new PermanentFailure('what the account has is no address to send to');
  const { subject, text, html } = content;
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    text,
    html,
    messageId: messageIdOf(orderId, from),
    // Nobody's absence notice answers it (RFC 3834), and screen readers know how to read it.
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
