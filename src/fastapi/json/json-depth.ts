/**
 * The maximum nesting depth of arrays and objects. Python stops at about 1,000 levels minus the stack frames of the
 * server, and FastAPI answers 400. 500 is below that, so later code can recurse through the document without its own
 * check.
 */
export const MAX_JSON_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether the text nests deeper than MAX_JSON_DEPTH, found in one pass before the text is parsed. Brackets in strings
 * do not count. The text may be malformed: the result is exact up to its first error.
 */
export function isTooDeep(text: string): boolean {
  if (text.length <= MAX_JSON_DEPTH) {
    return false;
  }
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = closingQuote(text, index);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        if (depth > MAX_JSON_DEPTH) {
          return true;
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return false;
}

function closingQuote(text: string, openingQuote: number): number {
  let index = openingQuote + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE) {
    index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  }
  return index;
}
