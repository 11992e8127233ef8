import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { PreparedQuery } from './prepared-query.js';

/** The name contains a hash of the text. */
const NAME = 'a-name-e004ebd5b5532a4b';

/** A pool whose named statements fail with a code. */
function poolThat(code?: string, isPrepared?: boolean) {
  const query = jest.fn(async ({ name, values }: { name?: string; values: unknown[] }) => {
    if (name !== undefined && code !== undefined) throw Object.assign(new Error('refused'), { code });
    return { rows: [{ name, values }] };
  });
  return { query, prepared: new PreparedQuery({ query } as unknown as Pool, 'a-name', 'SELECT 1', isPrepared) };
}

describe('PreparedQuery', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => warn.mockClear());

  it('runs as a named statement', async () => {
    const { prepared, query } = poolThat();
    expect(await prepared.rows([7])).toEqual([{ name: NAME, values: [7] }]);
    expect(query).toHaveBeenCalledWith({ name: NAME, text: 'SELECT 1', values: [7] });
  });

  it('has a different name for a different text', async () => {
    const { query } = poolThat();
    for (const text of ['SELECT 1', 'SELECT 2']) {
      await new PreparedQuery({ query } as unknown as Pool, 'a-name', text).rows([]);
    }
    expect(new Set(query.mock.calls.map(([{ name }]) => name)).size).toBe(2);
  });

  it('has no name behind a pooler in transaction mode', async () => {
    const { prepared, query } = poolThat(undefined, false);
    await prepared.rows([7]);
    expect(query.mock.calls).toEqual([[{ text: 'SELECT 1', values: [7] }]]);
  });

  it.each(['26000', '42P05'])('runs without a name after a pooler has failed with %s, and warns once', async (code) => {
    const { prepared, query } = poolThat(code);
    expect(await Promise.all([prepared.rows([1]), prepared.rows([2])])).toEqual([
      [{ name: undefined, values: [1] }],
      [{ name: undefined, values: [2] }],
    ]);
    query.mockClear();
    await prepared.rows([3]);
    expect(query.mock.calls).toEqual([[{ text: 'SELECT 1', values: [3] }]]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('retries after the tables have changed, and keeps its name', async () => {
    const { prepared, query } = poolThat('0A000');
    expect(await prepared.rows([1])).toEqual([{ name: undefined, values: [1] }]);
    await prepared.rows([2]);
    expect(query.mock.calls.map(([{ name }]) => name)).toEqual([NAME, undefined, NAME, undefined]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('throws every other error', async () => {
    const { prepared, query } = poolThat('57P01');
    await expect(prepared.rows([])).rejects.toMatchObject({ code: '57P01' });
    expect(query).toHaveBeenCalledTimes(1);
  });
});
