import type { SendMailOptions } from 'nodemailer';
import { PermanentFailure } from '../../jobs/permanent-failure.js';
import { isSingleAddress } from '../messages/addresses.js';
import type { Sender } from '../settings/sender.js';
import type { OutgoingMessage } from './mail-transport.js';

/** The Message-ID of every attempt, by which mail servers and mailboxes recognize a repeated message. */
export function messageIdOf(orderId: string, { address }: Sender): string {
  return `<${orderId}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}

/**
 * The message as nodemailer expects it. Addresses are objects, because nodemailer would parse a string as a list.
 *
 * @throws PermanentFailure if the recipient is not exactly one address
 */
export function mimeMessage({ orderId, to, language, ...content }: OutgoingMessage, from: Sender): SendMailOptions {
  if (!isSingleAddress(to)) throw new PermanentFailure('the address of the account is invalid');
  const { subject, text, html } = content;
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    text,
    html,
    messageId: messageIdOf(orderId, from),
    // Prevents automatic replies (RFC 3834), and tells screen readers the language.
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
