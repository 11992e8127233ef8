import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { send } from '../support/http-client.js';
import { accessLines } from '../support/log-lines.js';
import { freePort } from '../support/free-port.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(90_000);

const hasIPv6 = (networkInterfaces().lo ?? []).some(({ family }) => family === 'IPv6');
const whereIPv6Is = hasIPv6 ? describe : describe.skip;

/** An empty value means that the variable is not set. */
const DEFAULT_HOST = { APP_HOST: '' };

whereIPv6Is('the service', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;
  let service: ServiceProcess;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    database = await createDatabase();
  });
  afterEach(async () => {
    service.kill('SIGKILL');
    await service.ended;
  });
  afterAll(async () => {
    build.remove();
    await dropDatabase(database);
  });

  const start = (variables: Record<string, string>): ServiceProcess =>
    (service = build.start({ ...variablesOf(database), ...variables }));
  const clients = () =>
    accessLines(service.lines.filter((line) => line.includes('"request"'))).map(({ client }) => client);

  it('listens on IPv4 and IPv6 in development, and logs the address of each client', async () => {
    const { port } = new URL(await start({ DEBUG: 'True', ...DEFAULT_HOST }).ready());
    expect((await send(`http://127.0.0.1:${port}`, '/health')).status).toBe(200);
    expect((await send(`http://[::1]:${port}`, '/health')).status).toBe(200);
    await until(() => clients().length === 2);
    expect(clients()).toEqual(['127.0.0.1', '::1']);
    expect((await send<string>(`http://127.0.0.1:${port}`, '/metrics')).status).toBe(200);
    expect(await service.stop()).toBe(0);
  });

  it.each([
    ['in production', { ...DEFAULT_HOST }],
    ['in development with APP_HOST=0.0.0.0', { DEBUG: 'True', APP_HOST: '0.0.0.0' }],
  ])('listens only on IPv4 %s', async (_when, variables) => {
    const { port } = new URL(await start(variables).ready());
    expect((await send(`http://127.0.0.1:${port}`, '/health')).status).toBe(200);
    await expect(send(`http://[::1]:${port}`, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(['127.0.0.1', '::1'])(
    'exits with a one-line message if another program uses the port on %s',
    async (host) => {
      const port = await freePort();
      const other = createServer().listen(port, host);
      await once(other, 'listening');
      start({ DEBUG: 'True', ...DEFAULT_HOST, APP_PORT: String(port) });
      expect(await service.ended).toBe(1);
      expect(service.message).toBe(
        `The port is in use: another program listens on [::]:${port}. Stop it, or set APP_PORT.\n`,
      );
      other.close();
    },
  );
});
