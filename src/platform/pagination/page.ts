import { encodeCursor, type Position } from './cursor.js';

/** The requested part of a list. */
export interface PageOrder {
  /** Name of the list, which cursors contain. */
  readonly list: string;
  /** Maximum number of items in the page: 1 to 100. */
  readonly limit: number;
  /** Number of items to skip; 0 with a position. */
  readonly skip: number;
  /** The last item before the page; null for the beginning. */
  readonly after: Position | null;
  /** Whether to count the whole list, which may be slower than the page. */
  readonly includeTotal: boolean;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Position of the next page; null on the last one. */
  readonly nextCursor: string | null;
  /** Number of items in the whole list; absent unless requested. */
  readonly total?: number;
}

/**
 * Makes a page of the rows that a query with `applyKeyset` has found. There is one extra row if there is another page.
 *
 * @param locate returns the position of a row, from the columns that the query is sorted by
 * @param count counts the whole list; called only if the total is requested
 */
export async function toPage<Row>(
  order: PageOrder,
  rows: readonly Row[],
  locate: (row: Row) => Position,
  count: () => Promise<number>,
): Promise<Page<Row>> {
  const items = rows.slice(0, order.limit);
  const last = items.at(-1);
  const nextCursor = rows.length > order.limit && last !== undefined ? encodeCursor(order.list, locate(last)) : null;
  return order.includeTotal ? { items, nextCursor, total: await count() } : { items, nextCursor };
}

/** Converts the items of a page. */
export function mapPage<From, To>(page: Page<From>, write: (item: From) => To): Page<To> {
  return { ...page, items: page.items.map(write) };
}
