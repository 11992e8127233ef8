import bcrypt from 'bcrypt';
import { stringInputs, worstTexts } from '../../bench/string-inputs.mjs';
import { PASSWORD, signedIn } from '../support/accounts.js';
import { send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { type Consumer, InputMeter } from '../support/input-meter.js';
import type { OpenApi } from '../contract/openapi-comparison.js';

interface Input {
  label: string;
  place: 'body' | 'query' | 'path' | 'header';
  schema?: { type?: string; maxLength?: number };
  isSecured?: boolean;
  request(text: string): Sent & { path: string };
}

const UNITS_PER_CODE_POINT = 8;
/** The maximum in code points of a field without a documented one. */
const UNSTATED = 256;
/** The maximum in UTF-16 code units of a header, including an access token. */
const HEADER_UNITS = 4096;
/** The maximum in UTF-16 code units of a number in a query, as in pydantic. */
const NUMBER_UNITS = 4300;

function boundOf({ place, schema: { type = 'string', maxLength = UNSTATED } = {} }: Input, consumer: Consumer): number {
  if (consumer === 'password hash') return UNITS_PER_CODE_POINT * 72;
  if (type !== 'string') return NUMBER_UNITS;
  return place === 'header' ? HEADER_UNITS : UNITS_PER_CODE_POINT * maxLength;
}

describe('the longest strings that a client can send', () => {
  const meter = new InputMeter();
  let app: TestApp;
  let token: string;
  let inputs: readonly Input[];

  beforeAll(async () => {
    app = await TestApp.start({ settings: { PASSWORD_POLICY: 'strict', METRICS_TOKEN: 'm'.repeat(40) } });
    const account = await signedIn(app.url, { password: 'kestrel-voyage-amber' });
    ({ token } = account);
    // The examples of the OpenAPI document match this account, so requests do not fail because of other fields.
    await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, await bcrypt.hash(PASSWORD, 4)]);
    const { body: document } = await send<OpenApi>(app.url, '/openapi.json');
    inputs = stringInputs(document) as Input[];
    meter.install();
  });
  afterAll(async () => {
    meter.uninstall();
    await app.stop();
  });

  it('cover every field, parameter, header and cookie', () => {
    const labels = inputs.map(({ label }) => label);
    for (const known of [
      'POST /api/v1/auth/register username',
      'POST /api/v1/auth/login username',
      'POST /api/v1/auth/login scope',
      'PATCH /api/v1/users/me display_name',
      'POST /api/v1/auth/refresh refresh_token',
      'GET /api/v1/users/me/sessions query cursor',
      'DELETE /api/v1/users/me/sessions/{session_id} path session_id',
      'GET /api/v1/users/me header authorization',
    ])
      expect(labels).toContain(known);
  });

  it('do not reach a function whose cost grows with their length', async () => {
    const faults: string[] = [];
    for (const input of inputs) {
      for (const text of worstTexts(input)) {
        const { path, ...sent } = input.request(text);
        meter.watch(text);
        const { status } = await send(app.url, path, input.isSecured ? { token, ...sent } : sent);
        if (status >= 500 || (input.isSecured && status === 401)) faults.push(`${input.label}: ${status}`);
        for (const [consumer, units] of meter.read()) {
          if (units > boundOf(input, consumer)) faults.push(`${input.label}: ${consumer} got ${units} units`);
        }
      }
    }
    expect([...new Set(faults)]).toEqual([]);
  }, 600_000);
});
