/**
 * The attackers of flood.mjs, in a separate process. Each guesses passwords of accounts that do not exist, one after the
 * other, whatever the response is. Argument: the options as JSON. Exits on SIGTERM and prints the responses as JSON.
 */
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const { urls, attackers, addresses, network, pauseMs } = JSON.parse(process.argv[2]);
const targets = urls.map((url) => new URL('/api/v1/auth/login', url));

/** Response times in milliseconds, by status and error code. */
const answers = {};
let bare503 = 0;
let failures = 0;

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
await Promise.all(Array.from({ length: attackers }, (_, number) => attack(number)));
console.log(JSON.stringify({ answers, bare503, failures }));

async function attack(number) {
  const localAddress = `127.0.${network}.${1 + (number % addresses)}`;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1, localAddress });
  await sleep(pauseMs * Math.random());
  for (let guess = 0; !stop.signal.aborted; guess++) {
    try {
      await ask(targets[guess % targets.length], agent, `username=nobody${number}x${guess}&password=guess${guess}`);
    } catch {
      failures += 1;
    }
    await sleep(pauseMs);
  }
  agent.destroy();
}

async function ask(target, agent, form) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': form.length,
      // A problem document has the error code (RFC 9457).
      accept: 'application/problem+json',
    };
    const request = http.request(target, { agent, method: 'POST', headers }, (response) => {
      record(response, started).then(resolve, reject);
    });
    request.on('error', reject);
    request.end(form);
  });
}

async function record(response, started) {
  const { code } = JSON.parse(await text(response));
  (answers[`${response.statusCode} ${code}`] ??= []).push(performance.now() - started);
  if (response.statusCode === 503 && !(Number(response.headers['retry-after']) >= 1)) bare503 += 1;
}
