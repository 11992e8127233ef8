import { isIPv6 } from 'node:net';
import { requireCharacters, requireDotAtom, requireSafeCharacters } from './email-characters.js';
import { EmailSyntaxError } from './email-syntax-error.js';
import { IdnaError, toAsciiLabel, toUnicodeLabel } from './idna-label.js';
import { mapDomain } from './idna-mapping.js';

/** A domain for display (U-labels) and for the DNS (A-labels), both in lower case. */
export interface EmailDomain {
  unicode: string;
  ascii: string;
}

const MAX_DOMAIN_LENGTH = 253; // octets, RFC 1035 section 2.3.4 without the root
const MAX_LABEL_LENGTH = 63;
const HOSTNAME_CHARACTER = /^[a-zA-Z0-9\-.\u{80}-\u{10ffff}]$/u;
const LITERAL_CHARACTER = /^[\u0021-\u00fa]$/; // wider than RFC 5321, but it affects only the reason
// Excludes visible characters that decompose into text with a period: leaders, "1.", "a.m.".
const WITHOUT_PERIOD = /^[^\u2024-\u2026\u2488-\u249b\u33c2\u33c7\u33d8\ufe52\u{1f100}]$/u;

/** IANA's special-use names to which mail cannot be delivered (RFC 6761, 6762, 7686), with their subdomains. */
const SPECIAL_USE = ['arpa', 'invalid', 'local', 'localhost', 'onion', 'test'];

/** Runs an IDNA step and reports its error as `problem (detail).` */
function idna<T>(problem: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof IdnaError)) throw error;
    throw new EmailSyntaxError(`The part after the @-sign ${problem} (${error.message}).`);
  }
}

function normalizeDomain(domain: string): string {
  const problem = 'The part after the @-sign contains invalid characters';
  requireCharacters(domain, HOSTNAME_CHARACTER, problem);
  requireSafeCharacters(domain);
  requireCharacters(domain, WITHOUT_PERIOD, problem);
  const mapped = idna('contains invalid characters', () => mapDomain(domain));
  requireCharacters(mapped, HOSTNAME_CHARACTER, `${problem} after Unicode normalization`);
  return mapped;
}

function requireHostnameSyntax(domain: string): void {
  const start = 'An email address cannot have a {} immediately after the @-sign.';
  const end = 'An email address cannot end with a {}.';
  requireDotAtom(domain, start, end);
  if (domain.endsWith('-')) throw new EmailSyntaxError(end.replace('{}', 'hyphen'));
  if (domain.startsWith('-')) throw new EmailSyntaxError(start.replace('{}', 'hyphen'));
  if (domain.includes('.-') || domain.includes('-.')) {
    throw new EmailSyntaxError('An email address cannot have a period and a hyphen next to each other.');
  }
  if (domain.split('.').some((label) => /^(?!xn)..--/u.test(label))) {
    throw new EmailSyntaxError(
      'An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period,' +
        ' except Punycode.',
    );
  }
}

function toAscii(domain: string): string {
  if (/^[a-z0-9.-]+$/.test(domain)) return domain;
  return idna('is invalid', () => domain.split('.').map(toAsciiLabel).join('.'));
}

function requireLengths(ascii: string, written: string): void {
  const excess = ascii.length - MAX_DOMAIN_LENGTH;
  if (excess > 0) {
    const unit = (ascii === written ? 'character' : 'byte') + (excess > 1 ? 's' : '');
    const stage = ascii === written ? '' : ' after IDNA encoding';
    throw new EmailSyntaxError(`The email address is too long after the @-sign (${excess} ${unit} too many${stage}).`);
  }
  const long = ascii.split('.').find((label) => label.length > MAX_LABEL_LENGTH);
  if (long === undefined) return;
  const over = long.length - MAX_LABEL_LENGTH;
  throw new EmailSyntaxError(
    'After the @-sign, periods cannot be separated by so many characters' +
      ` (${over} character${over > 1 ? 's' : ''} too many).`,
  );
}

function requireDeliverableName(ascii: string): void {
  if (!ascii.includes('.')) {
    throw new EmailSyntaxError('The part after the @-sign is not valid. It should have a period.');
  }
  if (!/[a-z]$/.test(ascii)) {
    throw new EmailSyntaxError('The part after the @-sign is not valid. It is not within a valid top-level domain.');
  }
  if (SPECIAL_USE.some((name) => ascii.endsWith(`.${name}`))) {
    throw new EmailSyntaxError(
      'The part after the @-sign is a special-use or reserved name that cannot be used with email.',
    );
  }
}

/** The error of an IPv4 address, as Python's ipaddress module words it. Undefined for a valid address. */
function ipv4Fault(text: string): string | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return `Expected 4 octets in '${text}'`;
  const faults = octets.map((octet) => {
    if (octet === '') return 'Empty octet not permitted';
    if (octet.length > 3) return `At most 3 characters permitted in '${octet}'`;
    if (octet !== '0' && octet.startsWith('0')) return `Leading zeros are not permitted in '${octet}'`;
    return Number(octet) > 255 ? `Octet ${Number(octet)} (> 255) not permitted` : undefined;
  });
  const fault = faults.find((found) => found !== undefined);
  return fault && `${fault} in '${text}'`;
}

/** The reason to reject a domain literal (RFC 5321 section 4.1.3). None is ever accepted. */
function domainLiteralReason(literal: string): string {
  if (/^[0-9.]+$/.test(literal)) {
    const fault = ipv4Fault(literal);
    if (fault !== undefined) {
      return `The address in brackets after the @-sign is not valid: It is not an IPv4 address (${fault}) or is missing an address literal tag.`;
    }
  } else if (!literal.startsWith('IPv6:')) {
    if (!literal.includes(':')) {
      return 'The part after the @-sign in brackets is not an IPv4 address and has no address literal tag.';
    }
    requireCharacters(literal, LITERAL_CHARACTER, 'The part after the @-sign contains invalid characters in brackets');
    return 'The part after the @-sign contains an invalid address literal tag in brackets.';
  } else if (!isIPv6(literal.slice(5))) {
    return 'The IPv6 address in brackets after the @-sign is not valid.';
  }
  return 'A bracketed IP address after the @-sign is not allowed here.';
}

/**
 * Validates the part after the @-sign: a public host name, internationalised or not (IDNA 2008 after UTS #46 mapping).
 *
 * @throws {EmailSyntaxError} when the domain is invalid
 */
export function parseEmailDomain(domain: string): EmailDomain {
  if (domain === '') throw new EmailSyntaxError('There must be something after the @-sign.');
  if (domain.startsWith('[') && domain.endsWith(']'))
    throw new EmailSyntaxError(domainLiteralReason(domain.slice(1, -1)));
  const mapped = normalizeDomain(domain);
  requireHostnameSyntax(mapped);
  const ascii = toAscii(mapped);
  requireLengths(ascii, domain);
  requireDeliverableName(ascii);
  const unicode = idna('is not valid IDNA', () => ascii.split('.').map(toUnicodeLabel).join('.'));
  // Punycode may encode joiners, which are valid IDNA in context but invisible.
  requireSafeCharacters(unicode);
  return { unicode, ascii };
}
