import { encodeCursor } from '../../src/platform/pagination/cursor.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { statements, ThingsModule } from '../support/things.module.js';

interface PageOfThings {
  items: { id: number; created_at: string }[];
  next_cursor: string | null;
  total?: number;
}

const THINGS = '/api/v1/things';
const COUNT = 95;
/** Five rows per microsecond, which a sort by time alone would not order. */
const FILL = `
  INSERT INTO things
  SELECT n, 1, timestamptz '2026-01-04 10:00:00+00' + (n / 5) * interval '1 microsecond' FROM generate_series(1, ${COUNT}) AS n`;

describe('a paginated list', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [ThingsModule] });
    await app.sql(
      `CREATE TABLE things (id bigint PRIMARY KEY, owner_id int NOT NULL, created_at timestamptz NOT NULL);
       CREATE INDEX ix_things ON things (owner_id, created_at, id)`,
    );
  });
  beforeEach(async () => {
    await app.sql('TRUNCATE things');
    await app.sql(FILL);
  });
  afterAll(() => app.stop());

  const get = (path: string, query = ''): Promise<Received<PageOfThings>> =>
    send<PageOfThings>(app.url, query ? `${path}?${query}` : path);
  const idsOf = ({ body }: Received<PageOfThings>): number[] => body.items.map(({ id }) => id);
  const range = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, n) => from - n);

  /** Follows the cursors from a query and calls `meanwhile` after each page. */
  async function walk(path: string, query: string, meanwhile?: (page: number) => Promise<unknown>): Promise<number[]> {
    const seen: number[] = [];
    for (let page = 1, next: string | null = query; next !== null; page += 1) {
      const answer: Received<PageOfThings> = await get(path, next);
      expect(answer.status).toBe(200);
      seen.push(...idsOf(answer));
      await meanwhile?.(page);
      const cursor = answer.body.next_cursor;
      next = cursor === null ? null : `${query}&cursor=${cursor}`;
    }
    return seen;
  }

  it('starts with the twenty newest items and links to the next page', async () => {
    const answer = await get(THINGS);
    expect(idsOf(answer)).toEqual(range(95, 76));
    expect(Object.keys(answer.body)).toEqual(['items', 'next_cursor']);
    expect(answer.headers.link).toBe(`<?cursor=${answer.body.next_cursor}>; rel="next"`);
  });

  describe(THINGS, () => {
    it.each([1, 2, 4, 5, 7, 94, 95, 96, 100])('returns each item once in pages of %i', async (limit) => {
      expect(await walk(THINGS, `limit=${limit}`)).toEqual(range(95, 1));
    });

    it('neither skips nor repeats items while new ones are added', async () => {
      const grow = (page: number) => app.sql(`INSERT INTO things VALUES ($1, 1, now())`, [1000 + page]);
      expect(await walk(THINGS, 'limit=10', grow)).toEqual(range(95, 1));
    });

    it('neither skips nor repeats items while returned ones are deleted', async () => {
      let shown = 95;
      const shrink = () => app.sql('DELETE FROM things WHERE id > $1', [(shown -= 10)]);
      expect(await walk(THINGS, 'limit=10', shrink)).toEqual(range(95, 1));
    });

    it('accepts skip and limit', async () => {
      const answer = await get(THINGS, 'skip=90&limit=3');
      expect(idsOf(answer)).toEqual([5, 4, 3]);
      expect(idsOf(await get(THINGS, `limit=3&cursor=${answer.body.next_cursor}`))).toEqual([2, 1]);
      expect(await get(THINGS, 'skip=95')).toMatchObject({ body: { items: [], next_cursor: null } });
    });

    it('returns the total of the whole list on request', async () => {
      const { body } = await get(THINGS, 'limit=90&include_total=true');
      expect(body.total).toBe(COUNT);
      const rest = await get(THINGS, `limit=90&include_total=1&cursor=${body.next_cursor}`);
      expect([rest.body.items.length, rest.body.total, rest.body.next_cursor]).toEqual([5, COUNT, null]);
    });
  });

  it('has no Link header on the last page or when it is empty', async () => {
    expect((await get(THINGS, 'limit=100')).headers.link).toBeUndefined();
    await app.sql('TRUNCATE things');
    const answer = await get(THINGS, 'include_total=true');
    expect([answer.text, answer.headers.link]).toEqual(['{"items":[],"next_cursor":null,"total":0}', undefined]);
  });

  it('links to the next page with the other query parameters and without host or path', async () => {
    const odd = '/api/v1/things?limit=2&skip=4&q=%3E%22%0d&include_total=true';
    const { headers, body } = await send<PageOfThings>(app.url, odd, { headers: { host: 'evil.example' } });
    expect(headers.link).toBe(`<?limit=2&q=%3E%22%0D&include_total=true&cursor=${body.next_cursor}>; rel="next"`);
    const [, reference = ''] = /^<(.*)>; rel="next"$/.exec(headers.link as string) ?? [];
    const next = new URL(reference, `${app.url}${odd}`);
    expect(next.pathname).toBe(THINGS);
    expect((await send<PageOfThings>(app.url, next.pathname + next.search)).body.items.map(({ id }) => id)).toEqual([
      89, 88,
    ]);
  });

  it('omits a Link header that would be too long for a proxy', async () => {
    const answer = await get(THINGS, `limit=2&q=${'!'.repeat(1300)}`);
    expect([answer.status, typeof answer.body.next_cursor, answer.headers.link]).toEqual([200, 'string', undefined]);
  });

  it('lets scripts of an allowed origin read the Link header', async () => {
    const { headers } = await send(app.url, THINGS, { headers: { origin: 'http://localhost:3000' } });
    expect(headers['access-control-expose-headers']).toMatch(/\bLink\b/);
  });

  const moment = '2026-01-04T10:00:00Z';
  it.each([
    ['limit=0', ['query', 'limit'], 'greater_than_equal'],
    ['limit=101', ['query', 'limit'], 'less_than_equal'],
    ['limit=x', ['query', 'limit'], 'int_parsing'],
    ['skip=-1', ['query', 'skip'], 'greater_than_equal'],
    ['skip=10001', ['query', 'skip'], 'less_than_equal'],
    ['include_total=perhaps', ['query', 'include_total'], 'bool_parsing'],
    ['cursor=', ['query', 'cursor'], 'value_error'],
    ['cursor=abc', ['query', 'cursor'], 'value_error'],
    ['cursor=W10', ['query', 'cursor'], 'value_error'],
    [`cursor=${'x'.repeat(201)}`, ['query', 'cursor'], 'string_too_long'],
    [`cursor=${encodeCursor('built', { at: moment, id: '7' })}`, ['query', 'cursor'], 'value_error'],
    [`cursor=${encodeCursor('things', { at: moment, id: 'x' })}`, ['query', 'cursor'], 'value_error'],
    [`cursor=${encodeCursor('things', { at: moment, id: '9'.repeat(30) })}`, ['query', 'cursor'], 'value_error'],
    [`cursor=${encodeCursor('things', { at: '2026-02-31T10:00:00Z', id: '7' })}`, ['query', 'cursor'], 'value_error'],
    [`cursor=${encodeCursor('things', { at: '0000-01-01T10:00:00Z', id: '7' })}`, ['query', 'cursor'], 'value_error'],
    [`cursor=${encodeCursor('things', { at: moment, id: '7' })}%3D`, ['query', 'cursor'], 'value_error'],
    [`skip=1&cursor=${encodeCursor('things', { at: moment, id: '7' })}`, ['query', 'skip'], 'value_error'],
  ])('responds with 422 to %s', async (query, loc, type) => {
    const { status, body } = await send(app.url, `${THINGS}?${query}`);
    expect([status, body]).toMatchObject([422, { detail: [{ loc, type }] }]);
  });

  it('reports all invalid parameters together', async () => {
    const { body } = await send(app.url, `${THINGS}?limit=0&skip=x&include_total=perhaps`);
    expect((body.detail as { loc: string[] }[]).map(({ loc }) => loc[1])).toEqual(['limit', 'skip', 'include_total']);
  });

  it('is documented in OpenAPI as a page of its items', async () => {
    const { body } = await send<{ components: { schemas: object }; paths: object }>(app.url, '/openapi.json');
    expect(body.components.schemas).toMatchObject({
      Page_ThingResponse_: {
        title: 'Page_ThingResponse_',
        required: ['items'],
        properties: { items: { type: 'array', items: { $ref: '#/components/schemas/ThingResponse' } } },
        examples: [{ items: [{ id: 1, created_at: moment }] }],
      },
    });
    expect(body.paths).toMatchObject({
      [THINGS]: {
        get: {
          parameters: ['limit', 'cursor', 'skip', 'include_total'].map((name) => ({
            name,
            in: 'query',
            required: false,
          })),
          responses: { 200: { headers: { Link: {} } } },
        },
      },
    });
  });

  it('reads only the page from an index of a hundred thousand rows', async () => {
    await app.sql(
      `TRUNCATE things;
       INSERT INTO things SELECT n, 1 + n % 2, timestamptz '2026-01-04 10:00:00+00' + n * interval '1 second'
         FROM generate_series(1, 100000) AS n;
       ANALYZE things`,
    );
    const first = await get(THINGS, 'limit=100');
    const deep = encodeCursor('things', { at: '2026-01-04T11:00:00Z', id: '3600' });
    await get(THINGS, `limit=100&cursor=${deep}`);
    expect(idsOf(first)[0]).toBe(100_000);
    for (const { sql, values } of statements.slice(-2)) {
      const [{ 'QUERY PLAN': plan } = { 'QUERY PLAN': [] }] = await app.sql<{ 'QUERY PLAN': object[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
        values,
      );
      expect(plan).toMatchObject([
        { Plan: { 'Node Type': 'Limit', Plans: [{ 'Node Type': 'Index Only Scan', 'Actual Rows': 101 }] } },
      ]);
    }
  });
});
