import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { NginxSite } from '../support/nginx-site.js';
import { describeWith } from '../support/programs.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

jest.setTimeout(90_000);

const CLIENTS = 8;
/** nginx closes connections after one idle second; the rest is a margin for slow machines. */
const DELAY_MS = 6000;

describeWith('nginx')('an nginx that is paused while a process closes its idle connections', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;
  let services: ServiceProcess[] = [];
  let site: NginxSite;
  let agent: Agent;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    database = await createDatabase();
    const variables = { ...variablesOf(database), DRAIN_DELAY_MS: String(DELAY_MS), DRAIN_SECONDS: '60' };
    services = [build.start(variables), build.start(variables)];
    const urls = await Promise.all(services.map((service) => service.ready()));
    const [first = '', second = ''] = urls.map((url) => `server ${new URL(url).host}`);
    const upstream = Number(first.split(':').at(-1));
    site = await NginxSite.start({ upstream, replace: { [`${first} max_fails=0;`]: `${first}; ${second};` } });
    agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  });
  afterAll(async () => {
    agent.destroy();
    await site.stop();
    for (const service of services) service.kill('SIGKILL');
    await Promise.all(services.map(({ ended }) => ended));
    build.remove();
    await dropDatabase(database);
  });

  /** Sends a request from each client at once, over its existing connection to nginx. */
  async function postAll(): Promise<(number | undefined)[]> {
    const asked = Array.from({ length: CLIENTS }, async () => {
      const sent = request(new URL('/api/v1/auth/login-json', site.url), { method: 'POST', agent }).end();
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return answer.statusCode;
    });
    return Promise.all(asked);
  }

  it('sends no POST over these connections', async () => {
    expect(new Set(await postAll())).toEqual(new Set([422]));
    const [stopped] = services;
    stopped?.kill('SIGTERM');
    await sleep(DELAY_MS / 2);
    site.nginx.pause();
    const answers = postAll();
    await stopped?.said(/no longer listening/);
    site.nginx.resume();
    expect({ answers: await answers, log: site.nginx.errorLog }).toMatchObject({
      answers: Array.from({ length: CLIENTS }, () => 422),
    });
  });
});
