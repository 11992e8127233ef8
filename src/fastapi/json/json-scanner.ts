import { MAX_JSON_DEPTH } from './json-depth.js';
import { JsonSyntaxError, UnreadableBodyError } from './json-errors.js';
import { JsonNumber, type LosslessJson, LosslessObject } from './lossless-json.js';

/**
 * Python's limit on the digits of an integer (`sys.int_info.default_max_str_digits`). FastAPI answers 400 beyond it.
 */
export const MAX_INTEGER_DIGITS = 4300;

/** RFC 8259, section 6; the group is empty for an integer. */
const NUMBER = /-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;

/**
 * Parses JSON (RFC 8259) without losing digits or the order of keys. It is slower than `JSON.parse` and is used for
 * invalid bodies only, to locate the error and to echo the input. Errors and their positions are those of CPython
 * 3.11's `json.loads`, except that NaN, Infinity and -Infinity are errors. Escaped lone surrogates are kept. Runs in
 * linear time.
 * @throws JsonSyntaxError when the text is not JSON
 * @throws UnreadableBodyError beyond MAX_JSON_DEPTH levels or MAX_INTEGER_DIGITS digits in an integer
 */
export function parseLossless(text: string): LosslessJson {
  return new JsonScanner(text).document();
}

class JsonScanner {
  /** Index of the next UTF-16 code unit to read. */
  private index = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  document(): LosslessJson {
    this.skipWhiteSpace();
    const value = this.value();
    this.skipWhiteSpace();
    if (this.index < this.text.length) {
      throw this.error('Extra data');
    }
    return value;
  }

  private value(): LosslessJson {
    switch (this.text[this.index]) {
      case '"':
        return this.string();
      case '{':
        return this.nested(() => this.object());
      case '[':
        return this.nested(() => this.array());
      case 'n':
        return this.literal('null', null);
      case 't':
        return this.literal('true', true);
      case 'f':
        return this.literal('false', false);
      default:
        return this.number();
    }
  }

  private nested<T>(read: () => T): T {
    this.depth++;
    if (this.depth > MAX_JSON_DEPTH) {
      throw new UnreadableBodyError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    }
    this.index++;
    this.skipWhiteSpace();
    const value = read();
    this.depth--;
    return value;
  }

  private object(): LosslessObject {
    const object = new LosslessObject();
    if (this.consume('}')) {
      return object;
    }
    do {
      this.skipWhiteSpace();
      if (this.text[this.index] !== '"') {
        throw this.error('Expecting property name enclosed in double quotes');
      }
      const key = this.string();
      this.skipWhiteSpace();
      if (!this.consume(':')) {
        throw this.error("Expecting ':' delimiter");
      }
      this.skipWhiteSpace();
      object.set(key, this.value());
      this.skipWhiteSpace();
    } while (this.consume(','));
    if (!this.consume('}')) {
      throw this.error("Expecting ',' delimiter");
    }
    return object;
  }

  private array(): LosslessJson[] {
    const array: LosslessJson[] = [];
    if (this.consume(']')) {
      return array;
    }
    do {
      this.skipWhiteSpace();
      array.push(this.value());
      this.skipWhiteSpace();
    } while (this.consume(','));
    if (!this.consume(']')) {
      throw this.error("Expecting ',' delimiter");
    }
    return array;
  }

  private literal<T extends boolean | null>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.index)) {
      throw this.error('Expecting value');
    }
    this.index += word.length;
    return value;
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.index;
    const match = NUMBER.exec(this.text);
    if (match === null) {
      throw this.error('Expecting value');
    }
    const [source, fractionAndExponent] = match;
    if (fractionAndExponent === '' && source.replace('-', '').length > MAX_INTEGER_DIGITS) {
      throw new UnreadableBodyError(`integer of more than ${MAX_INTEGER_DIGITS} digits`);
    }
    this.index = NUMBER.lastIndex;
    return JsonNumber.fromSource(source);
  }

  private string(): string {
    const start = this.index;
    this.index++;
    for (;;) {
      const unit = this.text.charCodeAt(this.index);
      if (unit === 0x22 /* " */) {
        this.index++;
        // The string is valid at this point, so JSON.parse can decode its escapes.
        return JSON.parse(this.text.slice(start, this.index)) as string;
      }
      if (Number.isNaN(unit)) {
        throw this.error('Unterminated string starting at', start);
      }
      if (unit < 0x20) {
        throw this.error('Invalid control character at');
      }
      if (unit === 0x5c /* \ */) {
        this.skipEscape(start);
      } else {
        this.index++;
      }
    }
  }

  private skipEscape(stringStart: number): void {
    const letter = this.text[this.index + 1];
    if (letter === undefined) {
      throw this.error('Unterminated string starting at', stringStart);
    }
    if (letter !== 'u') {
      if (!'"\\/bfnrt'.includes(letter)) {
        throw this.error('Invalid \\escape');
      }
      this.index += 2;
      return;
    }
    const end = this.index + 6;
    // Python requires one more character after the digits. Without it, it reports the escape, not the missing quote.
    if (end >= this.text.length || !/^[0-9a-fA-F]{4}$/.test(this.text.slice(this.index + 2, end))) {
      throw this.error('Invalid \\uXXXX escape', this.index + 1);
    }
    this.index = end;
  }

  /** Skips the four white space characters of RFC 8259, section 2, but no other Unicode spaces. */
  private skipWhiteSpace(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.index);
      if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) {
        return;
      }
      this.index++;
    }
  }

  private consume(character: string): boolean {
    const found = this.text[this.index] === character;
    if (found) {
      this.index++;
    }
    return found;
  }

  private error(reason: string, at = this.index): JsonSyntaxError {
    return new JsonSyntaxError(reason, countCodePoints(this.text, at));
  }
}

/** @param end index of a UTF-16 code unit */
function countCodePoints(text: string, end: number): number {
  let count = 0;
  for (let index = 0; index < end; count++) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}
