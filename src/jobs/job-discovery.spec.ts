import { type INestApplicationContext, Injectable, Module, type Provider, Scope, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { JobDiscovery } from './job-discovery.js';
import type { JobName, JobPayload } from './job-queue.js';
import { type JobContext, JobRegistry } from './job-registry.js';
import { JobHandler, Scheduled } from './job.decorators.js';

const WELCOME: JobName<{ userId: number }> = 'users.welcome';

@Injectable()
class Greeter {
  readonly greeted: string[] = [];

  @JobHandler(WELCOME)
  async welcome({ userId }: { userId: number }, { attempt }: JobContext): Promise<void> {
    this.greeted.push(`${userId} at attempt ${attempt}`);
  }

  @Scheduled('users.tidy', '17 3 * * *')
  async tidy(): Promise<void> {
    this.greeted.length = 0;
  }

  async neither(): Promise<void> {}
}

@Injectable()
class SecondGreeter {
  @JobHandler(WELCOME)
  async welcome(): Promise<void> {}
}

@Injectable()
class UntimelyGreeter {
  @Scheduled('users.tidy', '61 3 * * *')
  async tidy(): Promise<void> {}
}

@Injectable({ scope: Scope.REQUEST })
class RequestedGreeter extends SecondGreeter {}

@Injectable({ scope: Scope.TRANSIENT })
class TransientGreeter extends SecondGreeter {}

@Injectable()
class Heir extends Greeter {}

const contexts: INestApplicationContext[] = [];
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

async function start(...providers: Provider[]): Promise<INestApplicationContext> {
  class Feature {}
  Module({ providers })(Feature);
  class Root {}
  Module({ imports: [DiscoveryModule, Feature], providers: [JobRegistry, JobDiscovery] })(Root);
  const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  contexts.push(context);
  return context;
}

const run = async (context: INestApplicationContext, name: string, payload: JobPayload = {}) =>
  context.get(JobRegistry).all.get(name)?.(payload, { jobId: '1', attempt: 2, signal: new AbortController().signal });

describe('JobDiscovery', () => {
  it('registers the methods with a decorator, bound to their provider', async () => {
    const context = await start(Greeter);
    const registry = context.get(JobRegistry);
    expect([...registry.all.keys()]).toEqual(['users.welcome', 'users.tidy']);
    expect([...registry.schedules]).toEqual([['users.tidy', '17 3 * * *']]);
    await run(context, 'users.welcome', { userId: 7 });
    expect(context.get(Greeter).greeted).toEqual(['7 at attempt 2']);
    await run(context, 'users.tidy');
    expect(context.get(Greeter).greeted).toEqual([]);
  });

  it('registers a provider with an alias once, and inherited methods', async () => {
    const context = await start(Heir, { provide: 'ALIAS', useExisting: Heir });
    await run(context, 'users.welcome', { userId: 8 });
    expect(context.get(Heir).greeted).toEqual(['8 at attempt 2']);
  });

  it.each<[string, Type[], string]>([
    ['a second handler', [Greeter, SecondGreeter], 'The job users.welcome has two handlers.'],
    ['an invalid schedule', [UntimelyGreeter], 'the schedule of users.tidy'],
    ['a request-scoped provider', [RequestedGreeter], 'RequestedGreeter.welcome must belong to a singleton'],
    ['a transient provider', [TransientGreeter], 'TransientGreeter.welcome must belong to a singleton'],
  ])('fails the start for %s', async (_what, providers, message) => {
    await expect(start(...providers)).rejects.toThrow(message);
  });
});
