/** Convert the text of an environment variable to its value, or to `undefined` if the text is invalid. */

const TRUE = new Set(['true', '1', 'yes', 'y', 'on', 't']);
const FALSE = new Set(['false', '0', 'no', 'n', 'off', 'f']);

/** Booleans as pydantic's settings read them, in any letter case: True, 1, yes, on … */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

/** Decimal digits only: no sign, no exponent, no `0x1`. */
export function parseInteger(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A JSON list of strings, as the FastAPI service reads CORS_ORIGINS. Throws a SyntaxError for other text. */
export function parseStringList(text: string): string[] | undefined {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

export function lowerCase(text: string): string {
  return text.toLowerCase();
}
