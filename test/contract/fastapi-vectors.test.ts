import { readFileSync } from 'node:fs';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { comparable, differences, isCompact, type RecordedRequest } from './recorded-answer.js';

const { requests } = JSON.parse(readFileSync(new URL('fastapi-vectors.json', import.meta.url), 'utf8')) as {
  requests: RecordedRequest[];
};

/** In the order of the recording: later requests use the accounts and tokens of earlier ones. */
describe("the service compared with FastAPI's recorded responses", () => {
  let app: TestApp;
  const saved: Record<string, string> = {};

  beforeAll(async () => {
    // With rate limits: the recorded requests stay below the defaults.
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
  });
  afterAll(() => app.stop());

  const fill = (text: string): string => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => saved[name] ?? '');

  it('has 110 recorded requests', () => expect(requests).toHaveLength(110));

  it.each(requests.map((request) => [request.name, request] as const))('answers alike: %s', async (_name, request) => {
    const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [name, fill(value)]);
    const received = await send(app.url, fill(request.path), {
      method: request.method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(request.body === undefined ? {} : { body: fill(request.body) }),
    });
    for (const [name, field] of Object.entries(request.save ?? {})) saved[name] = String(received.body[field]);
    expect(differences(comparable(received, request, app.url), request)).toEqual([]);
    if (received.headers['content-type'] === 'application/json') expect(isCompact(received.text)).toBe(true);
  });
});
