import { Timestamp } from '../database/timestamp.js';
import { decodeCursor, encodeCursor, positionOf } from './cursor.js';

const THINGS = { list: 'things', idType: 'bigint' } as const;
const SESSIONS = { list: 'sessions', idType: 'uuid' } as const;
const at = '2026-01-04T10:00:00.123456Z';

const written = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('a cursor', () => {
  it('keeps the position with its microseconds', () => {
    const position = positionOf(Timestamp.fromPostgres('2026-01-04 11:00:00.123456+01'), 7);
    expect(position).toEqual({ at, id: '7' });
    expect(decodeCursor(THINGS, encodeCursor('things', position))).toEqual(position);
    const id = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
    expect(decodeCursor(SESSIONS, encodeCursor('sessions', { at, id }))).toEqual({ at, id });
  });

  it('needs no escape in a query', () => {
    expect(encodeCursor('things', { at, id: '7' })).toMatch(/^[\w-]+$/);
  });

  it.each([
    ['of another list', written('sessions', at, '7')],
    ['with another kind of id', written('things', at, '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88')],
    ['with an id beyond a bigint', written('things', at, '9223372036854775808')],
    ['with a negative id', written('things', at, '-7')],
    ['with a number', written('things', at, 7)],
    ['with a list', written('things', [at], '7')],
    ['with a part more', written('things', at, '7', 1)],
    ['with a part less', written('things', at)],
    ['with infinity', written('things', 'infinity', '7')],
    ['in another zone', written('things', '2026-01-04T10:00:00+01:00', '7')],
    ['of a day that is none', written('things', '2026-02-30T10:00:00Z', '7')],
    ['of an hour that is none', written('things', '2026-01-04T24:00:00Z', '7')],
    ['of the year 0, which PostgreSQL does not know', written('things', '0000-01-04T10:00:00Z', '7')],
    ['with milliseconds', written('things', '2026-01-04T10:00:00.123Z', '7')],
    ['of no list at all', Buffer.from('{"0":"things"}').toString('base64url')],
    ['of nothing', ''],
    ['with blanks', Buffer.from(`["things", "${at}", "7"]`).toString('base64url')],
    ['with padding', `${encodeCursor('things', { at, id: '7' })}=`],
    ['with something behind it', `${encodeCursor('things', { at, id: '7' })}A`],
  ])('is none %s', (_what, cursor) => {
    expect(decodeCursor(THINGS, cursor)).toBeNull();
  });
});
