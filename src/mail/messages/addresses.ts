import { parseSender, type Sender } from '../settings/sender.js';

/** Neither a list nor a name, neither quotes nor comments nor line breaks: one address, as it stands. */
const ONE_ADDRESS = /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u;

/** Whether the text can be nothing but one receiver. Accounts that the service took over may hold anything. */
export function isSingleAddress(text: string): boolean {
  return ONE_ADDRESS.test(text);
}

/** The name and the address of MAIL_FROM; for an address alone, the product's name. */
export function parseSenderOrThrow(mailFrom: string, productName: string): Sender {
  const sender = parseSender(mailFrom);
  if (!sender) throw new RangeError('MAIL_FROM holds no address');
  return { ...sender, name: sender.name || productName };
}

/** For logs and for who need not know all of it: `j***@e***.com`. */
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

/** How much of what a server said is looked at: the expressions below take time that grows with the square. */
const MAX_EXAMINED_LENGTH = 2000;

/** What a server said, fit for a log and for the queue: it likes to repeat the address, and could repeat a link. */
export function redactPersonalData(text: string): string {
  // Not the half of a word, which could be that of an address.
  const looked = text.length > MAX_EXAMINED_LENGTH ? text.slice(0, MAX_EXAMINED_LENGTH).replace(/\S*$/, '') : text;
  return looked
    .replace(/[^\s<>@"']+@[^\s<>@"',;:]+/g, maskAddress)
    .replace(/#token=\S+/g, '#token=***')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
