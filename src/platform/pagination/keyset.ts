import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CursorList } from './cursor.js';
import type { PageOrder } from './page.js';

/**
 * What a list is sorted by, newest first: a time and, where times are equal, an id. Neither column may be null, and an
 * index on (what the list is filtered by, time, id) makes the last page as cheap as the first.
 */
export interface Keyset extends CursorList {
  /** Column of type `timestamptz`: `created_at` in SQL, `session.createdAt` in a query builder. */
  readonly time: string;
  readonly id: string;
}

/** Pieces of a statement. */
export interface KeysetSql {
  /** A condition to add with AND. */
  where: string;
  /** ORDER BY, LIMIT and OFFSET. */
  tail: string;
  /** Values of the whole statement. */
  values: unknown[];
}

/**
 * A page by its position: rows that are inserted or deleted meanwhile neither repeat nor hide others, and nothing is read
 * but the page.
 *
 * @param values of the statement's own parameters, `$1` and on; those of the page are numbered after them
 * @example
 * const SESSIONS = { list: 'sessions', time: 'created_at', id: 'id', idType: 'uuid' } as const;
 * const { where, tail, values } = keysetSql(SESSIONS, page, [userId]);
 * await dataSource.query(`SELECT … FROM sessions WHERE user_id = $1 AND ${where} ${tail}`, values);
 */
export function keysetSql({ time, id, idType }: Keyset, page: PageOrder, values: readonly unknown[]): KeysetSql {
  const { after, limit, skip } = page;
  const all = [...values];
  const parameter = (value: unknown, type: string): string => `$${all.push(value)}::${type}`;
  const where = after
    ? `(${time}, ${id}) < (${parameter(after.at, 'timestamptz')}, ${parameter(after.id, idType)})`
    : 'true';
  // One more than asked for tells whether there is another page.
  const bounds = `LIMIT ${parameter(limit + 1, 'int')} OFFSET ${parameter(skip, 'int')}`;
  return { where, tail: `ORDER BY ${time} DESC, ${id} DESC ${bounds}`, values: all };
}

/** The same for a query builder, whose own conditions stay. */
export function applyKeyset<Entity extends ObjectLiteral>(
  query: SelectQueryBuilder<Entity>,
  { time, id, idType }: Keyset,
  { after, limit, skip }: PageOrder,
): SelectQueryBuilder<Entity> {
  if (after) {
    const position = `(CAST(:pageAt AS timestamptz), CAST(:pageId AS ${idType}))`;
    query.andWhere(`(${time}, ${id}) < ${position}`, { pageAt: after.at, pageId: after.id });
  }
  return query
    .orderBy(time, 'DESC')
    .addOrderBy(id, 'DESC')
    .limit(limit + 1)
    .offset(skip);
}
