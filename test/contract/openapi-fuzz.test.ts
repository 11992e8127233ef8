import fc from 'fast-check';
import { signedIn } from '../support/accounts.js';
import { CANARY } from '../support/hostile-values.js';
import { send } from '../support/http-client.js';
import { OpenApiAnswers } from '../support/openapi-answers.js';
import { requestsTo } from '../support/openapi-requests.js';
import { TestApp } from '../support/test-app.js';
import type { OpenApi } from './openapi-comparison.js';

/** A failure prints the seed and the smallest request that fails; `FUZZ_SEED` repeats a run. */
const RUNS = Number(process.env.FUZZ_REQUESTS ?? 3000);
const SEED = process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };

describe('random requests generated from the OpenAPI document', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it(`are answered as documented, without 5xx and without passwords, ${RUNS} times`, async () => {
    const { body: document } = await send<OpenApi>(app.url, '/openapi.json');
    const { token } = await signedIn(app.url, { username: 'fuzz', password: CANARY });
    const answers = new OpenApiAnswers(document);
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(requestsTo(document, [token]), async ({ method, path, sent }) => {
        const answer = await send(app.url, path, { ...sent, method });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        // The request may have revoked the session.
        if (answer.status === 204) await app.sql('UPDATE sessions SET ended_at = NULL, end_reason = NULL');
        const complaint = answer.text.includes(CANARY) ? 'an echoed password' : answers.complaint(method, path, answer);
        if (complaint) throw new Error(`${method} ${path}: ${complaint}`);
      }),
      { numRuns: RUNS, ...SEED },
    );
    // Requests that fail early prove little, so every kind of response must occur.
    for (const status of [200, 307, 400, 401, 404, 405, 422])
      expect([status, statuses.get(status)]).toEqual([status, expect.any(Number)]);
  }, 240_000);
});
