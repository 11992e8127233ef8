import { isUtf8 } from 'node:buffer';

/**
 * Decodes UTF-8 as Python's `surrogateescape` does (PEP 383): each byte that is not part of a well-formed character
 * becomes the lone surrogate U+DC00 + byte. Valid text never contains one, so invalid input can still be detected.
 */
export function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const units = new Uint16Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length;) {
    const size = characterSize(bytes, i);
    if (size === 0) {
      units[length] = 0xdc00 + byteAt(bytes, i);
      length += 1;
      i += 1;
      continue;
    }
    const codePoint = codePointOf(bytes, i, size);
    if (codePoint > 0xffff) {
      units[length] = 0xd7c0 + (codePoint >> 10);
      length += 1;
    }
    units[length] = codePoint > 0xffff ? 0xdc00 + (codePoint & 0x3ff) : codePoint;
    length += 1;
    i += size;
  }
  return utf16ToString(units.subarray(0, length));
}

/** Length in bytes of the well-formed character at `start`, 0 if there is none (Unicode Standard, table 3-7). */
function characterSize(bytes: Buffer, start: number): number {
  const lead = byteAt(bytes, start);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = byteAt(bytes, start + 1);
  // The second byte shows whether the character is overlong, a surrogate or above U+10FFFF.
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 2; i < size; i += 1) {
    if (byteAt(bytes, start + i) >> 6 !== 0b10) return 0;
  }
  return size;
}

function codePointOf(bytes: Buffer, start: number, size: number): number {
  const lead = byteAt(bytes, start);
  if (size === 1) return lead;
  let codePoint = lead & (0x7f >> size);
  for (let i = 1; i < size; i += 1) codePoint = (codePoint << 6) | (byteAt(bytes, start + i) & 0x3f);
  return codePoint;
}

/** The byte at `index`. 0 beyond the end, which is never a continuation byte. */
function byteAt(bytes: Buffer, index: number): number {
  return bytes[index] ?? 0;
}

function utf16ToString(units: Uint16Array): string {
  const CHUNK = 8192; // The number of arguments of a call is limited.
  let text = '';
  for (let i = 0; i < units.length; i += CHUNK) text += String.fromCharCode(...units.subarray(i, i + CHUNK));
  return text;
}
