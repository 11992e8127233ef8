import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../platform/config/environment.js';
import { inTransaction } from '../platform/database/transaction.js';
import { Audit } from './audit.js';

/** Beside the present month: a service whose jobs stand still has so long to notice. */
const MONTHS_AHEAD = 2;

const MAKE = `
  SELECT audit_make_month(((now() AT TIME ZONE 'UTC') + ahead * interval '1 month')::date)
    FROM generate_series(0, ${MONTHS_AHEAD}) AS ahead`;

/** By the database's clock: a month goes when its last day is old enough. */
const DROP = `
  SELECT audit_drop_before(day)::int AS events, to_char(date_trunc('month', day::timestamp), 'YYYY-MM-DD') AS before
    FROM (SELECT ((now() AT TIME ZONE 'UTC') - $1 * interval '1 day')::date AS day) AS oldest`;

/** The partitions of the log: made ahead, dropped when they are older than AUDIT_RETENTION_DAYS. */
@Injectable()
export class AuditMonths {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly audit: Audit,
  ) {}

  /** Makes the months to come. Where one is missing all the same, events go to the default partition. */
  async makeAhead(): Promise<void> {
    await this.dataSource.query(MAKE);
  }

  /** Drops whole months, and records in the chain what it now begins after. @returns the number of events */
  async dropOld(): Promise<number> {
    return inTransaction(this.dataSource, async (tx) => {
      const [{ events = 0, before = '' } = {}] = await tx.query<{ events?: number; before?: string }[]>(DROP, [
        this.environment.AUDIT_RETENTION_DAYS,
      ]);
      if (events === 0) return 0;
      const [{ last_seq: lastSeq = '', last_hash: lastHash = Buffer.alloc(0) } = {}] = await tx.query<CheckpointRow[]>(
        'SELECT last_seq, last_hash FROM audit_checkpoints ORDER BY id DESC LIMIT 1',
      );
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

interface CheckpointRow {
  last_seq?: string;
  last_hash?: Buffer;
}
