import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { JobHandlers } from '../jobs/job-handlers.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditMonths } from './audit-months.js';
import { AuditIntegrity } from './audit-integrity.js';

/** What is done with the log by itself. */
@Injectable()
export class AuditJobs implements OnModuleInit {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly handlers: JobHandlers,
    private readonly integrity: AuditIntegrity,
    private readonly metrics: AuditMetrics,
    private readonly months: AuditMonths,
  ) {}

  onModuleInit(): void {
    this.handlers.schedule('audit.seal', '* * * * *', async (_payload, { signal }) => this.seal(signal));
    this.handlers.schedule('audit.months', '23 2 * * *', async () => this.turnMonths());
  }

  /**
   * The head goes to the log of the service, which leaves the machine: who can write to the database alone cannot make
   * a chain that leads through it.
   */
  private async seal(signal: AbortSignal): Promise<void> {
    const { events, head } = await this.integrity.seal(signal);
    await this.metrics.refresh();
    if (events === 0) return;
    this.logger.log({ events, anchor: `${head.seq}:${head.hash.toString('hex')}`, msg: 'the audit log is sealed' });
  }

  private async turnMonths(): Promise<void> {
    await this.months.makeAhead();
    const events = await this.months.dropOld();
    if (events > 0) this.logger.log({ events, msg: 'months of the audit log were dropped (AUDIT_RETENTION_DAYS)' });
  }
}
