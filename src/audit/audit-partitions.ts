import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction } from '../platform/database/transaction.js';
import { AuditCheckpoint } from './audit-checkpoint.entity.js';
import { CREATE_PARTITIONS, DROP_PARTITIONS } from './audit-partitions.sql.js';
import { AuditWriter } from './audit-writer.js';
import { AuditSettings } from './audit.settings.js';

/** Months created after the current one. If jobs stop running, an operator has this time to notice. */
const MONTHS_AHEAD = 2;

/** Creates the partitions of the log ahead of time, and drops those older than AUDIT_RETENTION_DAYS. */
@Injectable()
export class AuditPartitions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: AuditSettings,
    private readonly audit: AuditWriter,
  ) {}

  /** Creates the next months. Events of a month without a partition go to the default partition. */
  async createAhead(): Promise<void> {
    await this.dataSource.query(CREATE_PARTITIONS.text, CREATE_PARTITIONS.values({ monthsAhead: MONTHS_AHEAD }));
  }

  /** Drops expired months and records the new start of the chain in it. @returns the number of dropped events */
  async dropExpired(): Promise<number> {
    return inTransaction(this.dataSource, async (tx) => {
      const values = DROP_PARTITIONS.values({ keptDays: this.settings.AUDIT_RETENTION_DAYS });
      const [{ events = 0, before = '' } = {}] = await tx.query<{ events?: number; before?: string }[]>(
        DROP_PARTITIONS.text,
        values,
      );
      if (events === 0) return 0;
      const [checkpoint] = await tx.find(AuditCheckpoint, { order: { id: 'DESC' }, take: 1 });
      const { lastSeq = '', lastHash = Buffer.alloc(0) } = checkpoint ?? {};
      await this.audit.record(tx, {
        action: 'audit.months_dropped',
        outcome: 'success',
        actorId: null,
        subjectId: null,
        data: { before, events, lastSeq, lastHash: lastHash.toString('hex') },
      });
      return events;
    });
  }
}
