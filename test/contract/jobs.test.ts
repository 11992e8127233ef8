import { readFileSync } from 'node:fs';
import { Injectable, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobRegistry } from '../../src/jobs/job-registry.js';
import { JobHandler, Scheduled } from '../../src/jobs/job.decorators.js';
import { type JobName, JobQueue } from '../../src/jobs/job-queue.js';
import { MailComposers } from '../../src/mail/mail-composers.js';
import { MAIL_TEMPLATES } from '../../src/mail/messages/mail-variables.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const MEASURE: JobName<{ gadgetId: number }> = 'gadgets.measure';

@Injectable()
class Gadgets {
  readonly measured: number[] = [];

  @JobHandler(MEASURE)
  async measure({ gadgetId }: { gadgetId: number }): Promise<void> {
    this.measured.push(gadgetId);
  }

  @Scheduled('gadgets.purge', '7 4 * * *')
  async purge(): Promise<void> {}
}

@Module({ providers: [Gadgets] })
class GadgetsModule {}

describe('the jobs of the service', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [GadgetsModule], settings: { WORKER: 'embedded' } });
  });
  afterAll(() => app.stop());

  it('match jobs.txt with their schedules, as do the messages with a composer', () => {
    const { all, schedules } = app.nest.get(JobRegistry);
    const composers = app.nest.get(MailComposers);
    const lines = [
      ...[...all.keys()].map((name) => `job ${name} ${schedules.get(name) ?? '-'}`),
      ...MAIL_TEMPLATES.filter((template) => composers.get(template)).map((template) => `message ${template} -`),
    ];
    const [heading = '', ...table] = readFileSync(new URL('jobs.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(heading.split(/ +/)).toEqual(['KIND', 'NAME', 'SCHEDULE']);
    const expected = table.map((line) => line.trim().replace(/ +/g, ' '));
    expect(lines.filter((line) => !line.includes(' gadgets.')).toSorted()).toEqual(expected.toSorted());
  });

  it('include the jobs that a module declares, without further registration', async () => {
    const { schedules } = app.nest.get(JobRegistry);
    expect(schedules.get('gadgets.purge')).toBe('7 4 * * *');
    await inTransaction(app.nest.get(DataSource), async (tx) =>
      app.nest.get(JobQueue).enqueue(tx, MEASURE, { gadgetId: 42 }),
    );
    const { measured } = app.nest.get(Gadgets);
    await until(() => measured.length > 0);
    expect(measured).toEqual([42]);
  });
});
