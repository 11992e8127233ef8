import { requireCharacters, requireDotAtom, requireSafeCharacters } from './email-characters.js';
import { parseEmailDomain } from './email-domain.js';
import { type SplitEmail, splitEmail, stripWhiteSpace } from './email-split.js';
import { EmailSyntaxError } from './email-syntax-error.js';

/**
 * The result of parsing. `address` is the normalised form to store and compare: the local part in NFC, the domain in
 * lower case with Unicode labels. `reason` is an English sentence for the client.
 */
export type EmailResult = { ok: true; address: string } | { ok: false; reason: string };

const MAX_INPUT_LENGTH = 2048; // code points, pydantic's limit
const MAX_ADDRESS_BYTES = 254; // RFC 3696 erratum 1690

const ATEXT = "a-zA-Z0-9_!#$%&'*+\\-/=?^`{|}~";
const LOCAL_CHARACTER = new RegExp(`^[.${ATEXT}\\u{80}-\\u{10ffff}]$`, 'u');
const QUOTED_CHARACTER = /^[\u0020-\u007e\u{80}-\u{10ffff}]$/u;

// Mailboxes whose names are case-insensitive in every domain (RFC 2142).
const ROLE_MAILBOXES = new Set(
  (
    'info marketing sales support abuse noc security ' + 'postmaster hostmaster usenet news webmaster www uucp ftp'
  ).split(' '),
);

function isDotAtom(local: string): boolean {
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return false;
  return [...local].every((character) => LOCAL_CHARACTER.test(character));
}

function requireLocalPart(local: string, quoted: boolean): void {
  if (local === '') throw new EmailSyntaxError('There must be something before the @-sign.');
  if (isDotAtom(local)) return requireSafeCharacters(local);
  if (quoted) {
    const problem = 'The email address contains invalid characters in quotes before the @-sign';
    requireCharacters(local, QUOTED_CHARACTER, problem);
    return requireSafeCharacters(local, true);
  }
  requireCharacters(local, LOCAL_CHARACTER, 'The email address contains invalid characters before the @-sign');
  requireDotAtom(
    local,
    'An email address cannot start with a {}.',
    'An email address cannot have a {} immediately before the @-sign.',
  );
}

function parseLocalPart({ local, quoted }: SplitEmail): string {
  requireLocalPart(local, quoted);
  // NFC turns a few characters into ASCII that is not allowed here, such as U+037E into a semicolon.
  const normalized = local.normalize('NFC');
  try {
    requireLocalPart(normalized, quoted);
  } catch (error) {
    if (!(error instanceof EmailSyntaxError)) throw error;
    throw new EmailSyntaxError(`After Unicode normalization: ${error.message}`);
  }
  if (quoted) throw new EmailSyntaxError('Quoting the part before the @-sign is not allowed here.');
  const lowerCase = normalized.toLowerCase();
  return ROLE_MAILBOXES.has(lowerCase) ? lowerCase : normalized;
}

function excessOf(address: string): number {
  return Buffer.byteLength(address) - MAX_ADDRESS_BYTES;
}

/** Checks the address as written. Counts bytes, and reports a range of characters if these are not the same. */
function requireWrittenLength(address: string): void {
  const excess = excessOf(address);
  if (excess <= 0) return;
  const widest = Math.max(...Array.from(address, (character) => Buffer.byteLength(character)));
  const fewest = Math.max(1, Math.floor(excess / widest));
  const count = fewest === excess ? `${excess}` : `${fewest}-${excess}`;
  throw new EmailSyntaxError(`The email address is too long (${count} character${excess > 1 ? 's' : ''} too many).`);
}

function requireConvertedLength(address: string, conversion: string): void {
  const excess = excessOf(address);
  if (excess <= 0) return;
  throw new EmailSyntaxError(
    `The email address is too long ${conversion} (${excess} byte${excess > 1 ? 's' : ''} too many).`,
  );
}

function parse(text: string): string {
  const split = splitEmail(text);
  const local = parseLocalPart(split);
  const domain = parseEmailDomain(split.domain);
  const address = `${local}@${domain.unicode}`;
  requireWrittenLength(`${split.local}@${split.domain}`);
  requireConvertedLength(address, 'after normalization');
  requireConvertedLength(`${local}@${domain.ascii}`, 'when the part after the @-sign is converted to IDNA ASCII');
  if (split.hasDisplayName) {
    throw new EmailSyntaxError('A display name and angle brackets around the email address are not permitted here.');
  }
  return address;
}

function isTooLong(input: string): boolean {
  if (input.length <= MAX_INPUT_LENGTH) return false;
  return input.length > 2 * MAX_INPUT_LENGTH || [...input].length > MAX_INPUT_LENGTH;
}

/**
 * Parses an e-mail address as pydantic's EmailStr does (python-email-validator 2.3 without DNS look-ups), except that
 * it rejects a display name. Trims white space around the address. Never throws.
 */
export function parseEmailAddress(input: string): EmailResult {
  if (isTooLong(input)) return { ok: false, reason: `Length must not exceed ${MAX_INPUT_LENGTH} characters` };
  try {
    return { ok: true, address: parse(stripWhiteSpace(input)) };
  } catch (error) {
    if (!(error instanceof EmailSyntaxError)) throw error;
    return { ok: false, reason: error.message };
  }
}
