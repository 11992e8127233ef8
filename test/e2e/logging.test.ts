import { Body, Controller, Get, Logger, Module, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Public } from '../../src/access/public.decorator.js';
import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send } from '../support/http-client.js';
import { accessLines, type LogLine, parseLines } from '../support/log-lines.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const log = new Logger('Talkative');

/** Logs before and after it queries the database through the pool and through TypeORM. */
@Public()
@Controller({ path: 'talkative', version: '1' })
class TalkativeController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  async talk(@Req() request: FastifyRequest): Promise<object> {
    log.warn('early');
    request.log.warn('own');
    const pool = (this.dataSource.driver as unknown as { master: pg.Pool }).master;
    await Promise.all([pool.query('SELECT 1, pg_sleep(0.01)'), this.dataSource.query('SELECT 2, pg_sleep(0.01)')]);
    log.warn('late');
    return {};
  }

  @Post()
  listen(@Body() _body: unknown): object {
    log.warn('after the body');
    return {};
  }
}

@Module({ controllers: [TalkativeController] })
class TalkativeModule {}

describe('the log at level debug', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;

  beforeAll(async () => {
    const settings = { LOG_LEVEL: 'debug', DB_POOL_SIZE: '2' };
    app = await TestApp.start({ logger, imports: [TalkativeModule], settings });
  });
  beforeEach(() => {
    lines.length = 0;
  });
  afterAll(() => app.stop());

  const linesOf = (id: string): LogLine[] => parseLines(lines).filter(({ request_id }) => request_id === id);
  const statements = () => parseLines(lines).filter(({ msg }) => msg === 'statement');

  it('has the request id on every line of a request, including its SQL statements', async () => {
    const { username, id: userId } = await register(app.url);
    const token = await signIn(app.url, { username, password: PASSWORD });
    lines.length = 0;
    const answer = await send(app.url, '/api/v1/users/me', { token, headers: { 'x-request-id': 'follow-me' } });
    expect(answer.headers['x-request-id']).toBe('follow-me');
    await until(() => accessLines(lines).length > 0);
    expect(linesOf('follow-me')).toEqual([
      expect.objectContaining({
        level: 20,
        context: 'Database',
        sql: expect.stringMatching(/FROM users WHERE users\.id = ANY\(\$1\)/),
        duration_ms: expect.any(Number),
        rows: 2,
        msg: 'statement',
      }),
      expect.objectContaining({ msg: 'request', user_id: userId }),
    ]);
  });

  it('does not mix up concurrent requests that share connections', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `talk-${index}`);
    await Promise.all(ids.map((id) => send(app.url, '/api/v1/talkative', { headers: { 'x-request-id': id } })));
    await until(() => accessLines(lines).length === ids.length);
    for (const id of ids) {
      const own = linesOf(id);
      expect(own.map(({ msg }) => msg)).toEqual(['early', 'own', 'statement', 'statement', 'late', 'request']);
      const statements = new Set(own.flatMap(({ sql }) => sql ?? []));
      expect(statements).toEqual(new Set(['SELECT 1, pg_sleep(0.01)', 'SELECT 2, pg_sleep(0.01)']));
    }
  });

  it('keeps the request id after a body is read', async () => {
    const body = { longerThanOneRead: 'x'.repeat(90_000) };
    await send(app.url, '/api/v1/talkative', { body, headers: { 'x-request-id': 'with-body' } });
    await until(() => accessLines(lines).length > 0);
    expect(linesOf('with-body').map(({ msg }) => msg)).toEqual(['after the body', 'request']);
  });

  it('has the request id once per line', async () => {
    await send(app.url, '/api/v1/talkative');
    await until(() => accessLines(lines).length > 0);
    for (const line of lines) expect(line.split('"request_id"').length).toBeLessThanOrEqual(2);
  });

  it('has failed statements with their error code and without their parameters', async () => {
    await register(app.url, { username: 'taken-name' });
    const { manager } = app.nest.get(DataSource);
    const again = manager.query('INSERT INTO users (username, hashed_password) VALUES ($1, $2)', [
      'taken-name',
      'hash',
    ]);
    await expect(again).rejects.toThrow();
    expect(statements()).toContainEqual(expect.objectContaining({ sql: expect.stringContaining('$2'), code: '23505' }));
    expect(lines.join('')).not.toContain('taken-name');
    expect(statements().filter((line) => 'parameters' in line || 'values' in line)).toEqual([]);
  });
});

describe('the log', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ logger });
  });
  beforeEach(() => {
    lines.length = 0;
  });
  afterAll(() => app.stop());

  it('has no statements at the default level', async () => {
    await register(app.url);
    expect(parseLines(lines).filter(({ msg }) => msg === 'statement')).toEqual([]);
  });

  it('has one parsable line per request for hostile header and field values', async () => {
    const hostile = 'a\\r\\nb\\u001b[31m\\u009b31m\\"\\\\\\u2028{"level":60}';
    const raw = '\x1b[31m\x9b31m"\\{"level":60}\x7f'.replaceAll('\x1b', '').replaceAll('\x7f', '');
    const body = `{"username":"${hostile}","password":"${PASSWORD}"}`;
    const request = [
      'POST /api/v1/auth/login-json HTTP/1.1',
      'Host: x',
      `User-Agent: ${raw}`,
      `Referer: ${raw}`,
      `X-Request-ID: ${raw}`,
      `X-Forwarded-For: ${raw}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ].join('\r\n');
    const answer = await sendRaw(app.url, `${request}\r\n\r\n${body}`);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    await until(() => accessLines(lines).length > 0);
    expect(accessLines(lines)).toHaveLength(1);
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]+\n$/u);
    expect(parseLines(lines).filter(({ level }) => level === 60)).toEqual([]);
  });

  it.each(['/api/v1/auth/register', '/api/v1/auth/login-json'])(
    'does not fail on a long User-Agent at %s',
    async (path) => {
      const body = { username: uniqueName(), password: PASSWORD };
      if (path.endsWith('login-json')) await register(app.url, body);
      const headers = { 'user-agent': 'x'.repeat(7 * 1024) };
      expect((await send(app.url, path, { body, headers })).status).toBe(200);
    },
  );
});
