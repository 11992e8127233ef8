import { appendField, type FormFields, limitNumber } from './form-fields.js';
import { decodeUtf8 } from './surrogate-escape.js';

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Reads `application/x-www-form-urlencoded` (URL Standard, section 5.1) as Starlette does: only `&` separates fields,
 * and invalid escapes stay as they are. Unlike Starlette, which reads raw bytes as Latin-1 and replaces invalid escaped
 * bytes with U+FFFD, it reads both as UTF-8, with a lone surrogate for each undecodable byte.
 * @throws FormError for more than 1000 fields
 */
export function decodeUrlencoded(body: Buffer): FormFields {
  const fields: FormFields = new Map();
  let count = 0;
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue;
    limitNumber('fields', (count += 1));
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    appendField(fields, decodeUtf8(percentDecode(name)), decodeUtf8(percentDecode(value)));
  }
  return fields;
}

/** @param text one character per byte */
function percentDecode(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const escaped = byte === PERCENT ? hexDigit(bytes[i + 1]) * 16 + hexDigit(bytes[i + 2]) : NaN;
    if (!Number.isNaN(escaped)) i += 2;
    // Decoding in place is safe, because the write position never passes the read position.
    bytes[length] = Number.isNaN(escaped) ? (byte === PLUS ? SPACE : byte) : escaped;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** The value of a hexadecimal digit, NaN for any other byte. */
function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NaN;
}
