import { isEmail, ValidateBy } from 'class-validator';

/** The parsed value of MAIL_FROM. */
export interface Sender {
  /** Empty for a bare address. */
  name: string;
  address: string;
}

/**
 * Parses `no-reply@example.com`, `Example <no-reply@example.com>` or `"Example, Inc." <no-reply@example.com>`. A name
 * with commas or dots needs no quotes here; they are added to the message (RFC 5322 section 3.4).
 *
 * @returns undefined for anything else
 */
export function parseSender(text: string): Sender | undefined {
  const [, named, bracketed] = /^([^<>\p{C}]{0,200})<([^<>]+)>$/u.exec(text.trim()) ?? [];
  const address = (bracketed ?? text).trim();
  if (!isEmail(address, { require_tld: false, allow_utf8_local_part: false })) return undefined;
  return { name: unquoted((named ?? '').trim()), address };
}

function unquoted(name: string): string {
  return /^".*"$/.test(name) ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1') : name;
}

/** Validates that `parseSender` accepts the value. */
export function IsSender(): PropertyDecorator {
  return ValidateBy({
    name: 'isSender',
    validator: { validate: (value: unknown) => typeof value === 'string' && parseSender(value) !== undefined },
  });
}
