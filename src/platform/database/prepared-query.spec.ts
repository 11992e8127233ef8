import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { PreparedQuery } from './prepared-query.js';

/** A pool whose named statements fail so. */
function poolThat(code?: string) {
  const query = jest.fn(async ({ name, values }: { name?: string; values: unknown[] }) => {
    if (name !== undefined && code !== undefined) throw Object.assign(new Error('refused'), { code });
    return { rows: [{ name, values }] };
  });
  return { query, prepared: new PreparedQuery({ query } as unknown as Pool, 'a-name', 'SELECT 1') };
}

describe('PreparedQuery', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => warn.mockClear());

  it('runs under its name', async () => {
    const { prepared, query } = poolThat();
    expect(await prepared.rows([7])).toEqual([{ name: 'a-name', values: [7] }]);
    expect(query).toHaveBeenCalledWith({ name: 'a-name', text: 'SELECT 1', values: [7] });
  });

  it.each(['26000', '42P05'])('goes without a name behind a pooler that answers %s, and says so once', async (code) => {
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

  it('asks again where the tables have changed, and keeps its name', async () => {
    const { prepared, query } = poolThat('0A000');
    expect(await prepared.rows([1])).toEqual([{ name: undefined, values: [1] }]);
    await prepared.rows([2]);
    expect(query.mock.calls.map(([{ name }]) => name)).toEqual(['a-name', undefined, 'a-name', undefined]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('passes every other error on', async () => {
    const { prepared, query } = poolThat('57P01');
    await expect(prepared.rows([])).rejects.toMatchObject({ code: '57P01' });
    expect(query).toHaveBeenCalledTimes(1);
  });
});
