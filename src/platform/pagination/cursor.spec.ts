import { Timestamp } from '../database/timestamp.js';
import { decodeCursor, encodeCursor, positionOf } from './cursor.js';

const THINGS = { list: 'things', idType: 'bigint' } as const;
const SESSIONS = { list: 'sessions', idType: 'uuid' } as const;
const at = '2026-01-04T10:00:00.123456Z';

const encoded = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('a cursor', () => {
  it('keeps the position with its microseconds', () => {
    const position = positionOf(Timestamp.fromPostgres('2026-01-04 11:00:00.123456+01'), 7);
    expect(position).toEqual({ at, id: '7' });
    expect(decodeCursor(THINGS, encodeCursor('things', position))).toEqual(position);
    const id = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
    expect(decodeCursor(SESSIONS, encodeCursor('sessions', { at, id }))).toEqual({ at, id });
  });

  it('needs no escaping in a query', () => {
    expect(encodeCursor('things', { at, id: '7' })).toMatch(/^[\w-]+$/);
  });

  it.each([
    ['of another list', encoded('sessions', at, '7')],
    ['with another kind of id', encoded('things', at, '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88')],
    ['with an id beyond a bigint', encoded('things', at, '9223372036854775808')],
    ['with a negative id', encoded('things', at, '-7')],
    ['with a number', encoded('things', at, 7)],
    ['with a list', encoded('things', [at], '7')],
    ['with an extra part', encoded('things', at, '7', 1)],
    ['with a missing part', encoded('things', at)],
    ['with infinity', encoded('things', 'infinity', '7')],
    ['in another zone', encoded('things', '2026-01-04T10:00:00+01:00', '7')],
    ['of an invalid day', encoded('things', '2026-02-30T10:00:00Z', '7')],
    ['of an invalid hour', encoded('things', '2026-01-04T24:00:00Z', '7')],
    ['of the year 0, which PostgreSQL rejects', encoded('things', '0000-01-04T10:00:00Z', '7')],
    ['with milliseconds', encoded('things', '2026-01-04T10:00:00.123Z', '7')],
    ['of an object', Buffer.from('{"0":"things"}').toString('base64url')],
    ['of an empty string', ''],
    ['with spaces', Buffer.from(`["things", "${at}", "7"]`).toString('base64url')],
    ['with padding', `${encodeCursor('things', { at, id: '7' })}=`],
    ['with trailing characters', `${encodeCursor('things', { at, id: '7' })}A`],
  ])('is invalid %s', (_what, cursor) => {
    expect(decodeCursor(THINGS, cursor)).toBeNull();
  });
});
