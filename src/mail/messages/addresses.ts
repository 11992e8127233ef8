import { parseSender, type Sender } from '../settings/sender.js';

/** One bare address: no list, display name, quotes, comments or line breaks. */
const ONE_ADDRESS = /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u;

/** Whether a string is exactly one recipient. Accounts of the Python service may contain any string. */
export function isSingleAddress(text: string): boolean {
  return ONE_ADDRESS.test(text);
}

/**
 * The sender that MAIL_FROM names. A bare address gets the product's name.
 *
 * @throws RangeError for an invalid MAIL_FROM
 */
export function parseSenderOrThrow(mailFrom: string, productName: string): Sender {
  const sender = parseSender(mailFrom);
  if (!sender) throw new RangeError('MAIL_FROM is not a valid sender');
  return { ...sender, name: sender.name || productName };
}

/** Masks an address for logs and for notices to other addresses: `j***@e***.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return '***';
  const dot = address.lastIndexOf('.');
  const domain = `${firstCharacter(address.slice(at + 1))}***${dot > at ? address.slice(dot) : ''}`;
  return `${firstCharacter(address.slice(0, at))}***@${domain}`;
}

function firstCharacter(text: string): string {
  return [...text][0] ?? '';
}

/** Bounds the input of the expressions below, which take quadratic time. */
const MAX_EXAMINED_LENGTH = 2000;

/**
 * Masks addresses and tokens in a server's reply, which may repeat them, before it is logged and stored in the queue.
 */
export function redactPersonalData(text: string): string {
  // Drops a word that is cut off, because it could be part of an address.
  const examined = text.length > MAX_EXAMINED_LENGTH ? text.slice(0, MAX_EXAMINED_LENGTH).replace(/\S*$/, '') : text;
  return examined
    .replace(/[^\s<>@"']+@[^\s<>@"',;:]+/g, maskAddress)
    .replace(/#token=\S+/g, '#token=***')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
