import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CursorList } from './cursor.js';
import type { PageOrder } from './page.js';

/**
 * The sort order of a list, newest first: a time, and an id for equal times. Neither column may be null. An index on
 * (the filtered columns, time, id) makes the last page as cheap as the first.
 */
export interface Keyset extends CursorList {
  /** Property of a `timestamptz` column, as in a query builder: `session.createdAt`. */
  readonly time: string;
  readonly id: string;
}

/**
 * Limits a query to one page by its position. Rows that are inserted or deleted meanwhile neither repeat nor hide
 * others, and only the page is read.
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
  // The extra row shows whether there is another page.
  return query
    .orderBy(time, 'DESC')
    .addOrderBy(id, 'DESC')
    .limit(limit + 1)
    .offset(skip);
}
