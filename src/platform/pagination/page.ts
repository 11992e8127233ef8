import { encodeCursor, type Position } from './cursor.js';

/** Which part of a list is asked for. */
export interface PageOrder {
  /** Name of the list, as the cursors carry it. */
  readonly list: string;
  /** Most items of the page: 1 to 100. */
  readonly limit: number;
  /** Items to pass over first; 0 with a position. */
  readonly skip: number;
  /** The last item before the page; null for the beginning. */
  readonly after: Position | null;
  /** Whether to count the whole list, which may cost more than the page. */
  readonly includeTotal: boolean;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null;
  /** Items of the whole list; absent unless asked for. */
  readonly total?: number;
}

/**
 * Makes a page of the rows that a query by `applyKeyset` has found: one row more than fits if there is another page.
 *
 * @param place of a row, by the columns that the query sorted by
 * @param count of the whole list; called only where the total is asked for
 */
export async function toPage<Row>(
  order: PageOrder,
  rows: readonly Row[],
  place: (row: Row) => Position,
  count: () => Promise<number>,
): Promise<Page<Row>> {
  const items = rows.slice(0, order.limit);
  const last = items.at(-1);
  const nextCursor = rows.length > order.limit && last !== undefined ? encodeCursor(order.list, place(last)) : null;
  return order.includeTotal ? { items, nextCursor, total: await count() } : { items, nextCursor };
}

/** The same page with its items written otherwise. */
export function mapPage<From, To>(page: Page<From>, write: (item: From) => To): Page<To> {
  return { ...page, items: page.items.map(write) };
}
