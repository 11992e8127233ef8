import { PassThrough } from 'node:stream';
import { createClientErrorHandler, type Refusal } from './malformed-requests.js';

async function answerTo(code?: string): Promise<{ text: string; refusals: Refusal[] }> {
  const socket = new PassThrough();
  const refusals: Refusal[] = [];
  const refuse = createClientErrorHandler((refusal) => refusals.push(refusal));
  refuse(Object.assign(new Error('secret'), code === undefined ? {} : { code }), socket);
  const chunks: Buffer[] = await socket.toArray();
  return { text: Buffer.concat(chunks).toString(), refusals };
}

describe('createClientErrorHandler', () => {
  it.each([
    [undefined, '400 Bad Request'],
    ['HPE_INVALID_METHOD', '400 Bad Request'],
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
    // http.request_timeout
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ])("answers %s with %s in FastAPI's format and closes the connection", async (code, status) => {
    const { text, refusals } = await answerTo(code);
    const [head = '', body] = text.split('\r\n\r\n');
    const [statusLine, ...headers] = head.split('\r\n');
    expect(statusLine).toBe(`HTTP/1.1 ${status}`);
    expect(body).toBe(JSON.stringify({ detail: status.slice(4) }));
    expect(headers).toEqual(
      expect.arrayContaining([
        'content-type: application/json',
        'connection: close',
        `content-length: ${body?.length}`,
        expect.stringMatching(/^x-request-id: [0-9a-f-]{36}$/),
      ]),
    );
    expect(refusals).toEqual([
      expect.objectContaining({ status: Number(status.slice(0, 3)), reason: code ?? 'Error' }),
    ]);
    expect(text).toContain(`x-request-id: ${refusals[0]?.requestId}\r\n`);
  });

  it('writes nothing to a closed connection', async () => {
    await expect(answerTo('ECONNRESET')).rejects.toThrow('Premature close');
    const ended = new PassThrough();
    ended.end();
    createClientErrorHandler(() => fail())(new Error('late'), ended);
    expect(ended.destroyed).toBe(true);
  });
});

function fail(): never {
  throw new Error('called unexpectedly');
}
