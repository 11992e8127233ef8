import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CursorList } from './cursor.js';
import type { PageOrder } from './page.js';

/**
 * What a list is sorted by, newest first: a time and, where times are equal, an id. Neither column may be null, and an
 * index on (what the list is filtered by, time, id) makes the last page as cheap as the first.
 */
export interface Keyset extends CursorList {
  /** Column of type `timestamptz`, as a query builder names it: `session.createdAt`. */
  readonly time: string;
  readonly id: string;
}

/**
 * Adds a page by its position to a query with conditions of its own. Rows that are inserted or deleted meanwhile neither
 * repeat nor hide others, and nothing is read but the page.
 *
 * @example
 * const SESSIONS = { list: 'sessions', time: 'session.createdAt', id: 'session.id', idType: 'uuid' } as const;
 * const rows = await applyKeyset(query.where({ userId }), SESSIONS, page).getMany();
 */
export function applyKeyset<Entity extends ObjectLiteral>(
  query: SelectQueryBuilder<Entity>,
  { time, id, idType }: Keyset,
  { after, limit, skip }: PageOrder,
): SelectQueryBuilder<Entity> {
  if (after) {
    const position = `(CAST(:pageAt AS timestamptz), CAST(:pageId AS ${idType}))`;
    query.andWhere(`(${time}, ${id}) < ${position}`, { pageAt: after.at, pageId: after.id });
  }
  // One more than asked for tells whether there is another page.
  return query
    .orderBy(time, 'DESC')
    .addOrderBy(id, 'DESC')
    .limit(limit + 1)
    .offset(skip);
}
