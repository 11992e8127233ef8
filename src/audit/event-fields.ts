/** Lengths of the columns. Longer values are cut, so that an event is never rejected for its length. */
const MAX_LENGTH = { address: 64, userAgent: 512, requestId: 64, text: 512 } as const;

/**
 * Removes control characters (PostgreSQL rejects NUL, logs are line-based) and lone surrogates, which jsonb rejects.
 */
function sanitize(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ');
}

/** The sanitized value of a text column. */
export function columnText(kind: keyof typeof MAX_LENGTH, text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : sanitize(text, MAX_LENGTH[kind]);
}

/** The data of an event. The code that records the event limits the length of lists. */
export type EventData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** A flat object as JSON for its column: keys and strings are sanitized, and numbers that JSON lacks become null. */
export function columnJson(fields: EventData): string {
  const entries = Object.entries(fields).map(([key, value]) => [sanitize(key, MAX_LENGTH.text), sanitizeValue(value)]);
  return JSON.stringify(Object.fromEntries(entries));
}

function sanitizeValue(value: EventData[string]): EventData[string] {
  if (typeof value === 'string') return sanitize(value, MAX_LENGTH.text);
  return Array.isArray(value) ? value.map((text: string) => sanitize(text, MAX_LENGTH.text)) : value;
}
