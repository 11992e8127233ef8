import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction } from '../platform/database/transaction.js';
import { AuditCheckpoint } from './audit-checkpoint.entity.js';
import { CREATE_PARTITIONS, DROP_PARTITIONS } from './audit-partitions.sql.js';
import { AuditWriter } from './audit-writer.js';
import { AuditSettings } from './audit.settings.js';

/** Beside the present month: a service whose jobs stand still has so long to notice. */
const MONTHS_AHEAD = 2;

/** The partitions of the log: made ahead, dropped when they are older than AUDIT_RETENTION_DAYS. */
@Injectable()
export class AuditPartitions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: AuditSettings,
    private readonly audit: AuditWriter,
  ) {}

  /** Makes the months to come. Where one is missing all the same, events go to the default partition. */
  async createAhead(): Promise<void> {
    await this.dataSource.query(CREATE_PARTITIONS.text, CREATE_PARTITIONS.values({ monthsAhead: MONTHS_AHEAD }));
  }

  /** Drops whole months, and records in the chain what it now begins after. @returns the number of events */
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
