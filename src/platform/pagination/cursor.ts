import { Timestamp } from '../database/timestamp.js';

/** The position of a row in a list that is sorted by time and id. */
export interface Position {
  /** RFC 3339 in UTC with PostgreSQL's microseconds, as `Timestamp` writes it. */
  at: string;
  /** A UUID or an integer. */
  id: string;
}

const MOMENT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/;
const IDS = { bigint: /^\d{1,18}$/, uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ };

/** The list that a cursor belongs to. */
export interface CursorList {
  /** Name of the list, such as `sessions`. A cursor is invalid for other lists. */
  readonly list: string;
  readonly idType: keyof typeof IDS;
}

/** The position of a row. */
export function positionOf(at: Timestamp, id: string | number): Position {
  return { at: at.toJSON(), id: String(id) };
}

/**
 * Encodes a cursor, the position where the next page of a list begins. It is opaque but not secret, because the query
 * and not the position decides which rows a client may see.
 */
export function encodeCursor(list: string, { at, id }: Position): string {
  return Buffer.from(JSON.stringify([list, at, id])).toString('base64url');
}

/**
 * @returns null unless `encodeCursor` wrote the cursor for this list, so that PostgreSQL never gets an invalid value
 */
export function decodeCursor({ list, idType }: CursorList, cursor: string): Position | null {
  const parts = partsOf(cursor);
  if (parts === null) return null;
  const [name, at, id] = parts;
  if (name !== list || typeof at !== 'string' || typeof id !== 'string') return null;
  const position = { at, id };
  return isMoment(at) && IDS[idType].test(id) && encodeCursor(list, position) === cursor ? position : null;
}

function partsOf(cursor: string): unknown[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : null;
  } catch {
    return null;
  }
}

/** Whether a time is valid: `Date` would read the 31st of February as the 3rd of March. */
function isMoment(text: string): boolean {
  if (!MOMENT.test(text)) return false;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 19));
}
