/** As long as their columns; what is longer is cut, since no event may be lost to its own length. */
const MAX_LENGTH = { address: 64, userAgent: 512, requestId: 64, text: 512 } as const;

/** No text of PostgreSQL holds a NUL, no JSON of it half a surrogate pair, and no line of a log a line break. */
function sanitize(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ');
}

/** A text as its column takes it. */
export function columnText(kind: keyof typeof MAX_LENGTH, text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : sanitize(text, MAX_LENGTH[kind]);
}

/** The data of an event. The code that records the event bounds the length of a list. */
export type EventData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** A flat object as its column takes it: JSON, keys and texts cut, what is no number of JSON's null. */
export function columnJson(fields: EventData): string {
  const entries = Object.entries(fields).map(([key, value]) => [sanitize(key, MAX_LENGTH.text), sanitizeValue(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}

function sanitizeValue(value: EventData[string]): EventData[string] {
  if (typeof value === 'string') return sanitize(value, MAX_LENGTH.text);
  return Array.isArray(value) ? value.map((text: string) => sanitize(text, MAX_LENGTH.text)) : value;
}
