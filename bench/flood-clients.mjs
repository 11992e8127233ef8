import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a request from a loopback address. @returns status, milliseconds, Retry-After and text */
export async function ask(url, path, { address = '127.0.2.1', agent, method = 'GET', headers = {}, body = '' } = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const options = { agent: agent ?? false, method, headers, ...(agent ? {} : { localAddress: address }) };
    const request = http.request(new URL(path, url), options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          ms: performance.now() - started,
          retryAfter: Number(response.headers['retry-after']),
          text: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

export async function login(url, username, password, address) {
  const body = JSON.stringify({ username, password });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return ask(url, '/api/v1/auth/login-json', { address, method: 'POST', headers, body });
}

/**
 * Signs in, and repeats a request that was answered 503 after the time in Retry-After.
 *
 * @returns milliseconds until the token, the number of tries and the last status
 */
export async function loginPatiently(url, username, password, address) {
  const started = performance.now();
  for (let tries = 1; ; tries++) {
    const answer = await login(url, username, password, address);
    if (answer.status !== 503) return { ms: performance.now() - started, tries, status: answer.status };
    await sleep(answer.retryAfter * 1000);
  }
}

/** Sends the same request at a fixed rate from several addresses, without waiting for responses. */
export class Pace {
  samples = [];
  #timer;
  #sent = 0;
  #agents;

  constructor({ urls, path, everyMs, headers }) {
    this.#agents = Array.from({ length: 8 }, (_, number) => {
      return new http.Agent({ keepAlive: true, localAddress: `127.0.2.${2 + number}` });
    });
    this.#timer = setInterval(() => {
      const number = this.#sent++;
      void this.#sample(urls[number % urls.length], path, headers, this.#agents[number % this.#agents.length]);
    }, everyMs);
  }

  async #sample(url, path, headers, agent) {
    const at = performance.now();
    try {
      const { ms, status } = await ask(url, path, { agent, headers });
      this.samples.push({ at, ms, status });
    } catch {
      this.samples.push({ at, ms: Number.POSITIVE_INFINITY, status: 0 });
    }
  }

  between(from, to) {
    return this.samples.filter(({ at }) => at >= from && at < to);
  }

  stop() {
    clearInterval(this.#timer);
    for (const agent of this.#agents) agent.destroy();
  }
}
