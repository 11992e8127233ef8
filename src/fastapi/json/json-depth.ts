/**
 * The most arrays and objects that may stand in one another. Python gives up at about 1,000 levels less the frames of the
 * server (FastAPI: 400). 500 stays below that, and whatever walks the document later may recurse without a guard of its own.
 */
export const MAX_JSON_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Tells in one pass, before any parsing, whether the text nests deeper than MAX_JSON_DEPTH. Brackets in strings do not
 * count; the text need not be well-formed: up to its first error the answer is exact.
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
