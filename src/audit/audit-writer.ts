import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { retryTransient } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import { AnonymousEventLimit } from './anonymous-event-limit.js';
import type { AuditAction, AuditOutcome } from './audit-actions.js';
import { AuditDetails } from './audit-details.entity.js';
import { RECORD, RECORD_UNLOCKED, type RecordValues } from './audit-event.sql.js';
import { AuditMetrics } from './audit-metrics.js';
import { columnJson, columnText, type EventData } from './event-fields.js';

/** An event to record. */
export interface NewAuditEvent {
  action: AuditAction;
  outcome: AuditOutcome;
  /** Who did it; null for nobody known, and for the service itself. */
  actorId: number | null;
  /** Whose account it happened to; null for none that exists. */
  subjectId: number | null;
  /** The session that it is about, or that it was done in. */
  sessionId?: string | null;
  /** From where; absent for what a job or a command does. */
  caller?: Pick<Caller, 'address' | 'userAgent' | 'requestId'>;
  /** Ids, reasons, counts: nothing about a person, since it is never erased. Texts are cut at 512 characters. */
  data?: EventData;
  /** Names and addresses: kept aside and erased with the account. Texts are cut at 512 characters. */
  personal?: Readonly<Record<string, string | null>>;
}

const SALT_BYTES = 16;

/** The one writer of the audit log. */
@Injectable()
export class AuditWriter {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: AuditMetrics,
    private readonly anonymous: AnonymousEventLimit,
  ) {
    anonymous.reportTo(async (action, events) => this.recordOmitted(action, events));
  }

  /**
   * Records an event in the transaction of the change: both are committed, or neither.
   */
  async record(tx: EntityManager, event: NewAuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD.text, RECORD.values(values)));
  }

  /**
   * The same where the transaction does not hold the account, which may be deleted meanwhile: what is personal is then not
   * kept, since nobody would erase it any more.
   */
  async recordUnlocked(tx: EntityManager, event: NewAuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD_UNLOCKED.text, RECORD_UNLOCKED.values(values)));
  }

  /**
   * Records what changed nothing, as a failed sign-in, in a transaction of its own. It never throws, since the answer to
   * the caller stands already: an event that is lost is an error in the log and `audit_write_failures_total`.
   */
  async recordStandalone(event: NewAuditEvent): Promise<void> {
    try {
      await this.write(event, async (values) =>
        retryTransient(async () => this.dataSource.query(RECORD_UNLOCKED.text, RECORD_UNLOCKED.values(values))),
      );
    } catch (error) {
      const { action, outcome, subjectId, caller } = event;
      this.metrics.countFailure();
      this.logger.error({
        err: error,
        action,
        outcome,
        subjectId,
        requestId: caller?.requestId,
        msg: 'an event is missing in the audit log',
      });
    }
  }

  /**
   * Omits events of requests without a subject beyond the rate of `AnonymousEventLimit`. The statement of an omitted event
   * runs without writing, so that response times do not reveal whether an account exists.
   */
  private async write(event: NewAuditEvent, run: (values: RecordValues) => Promise<unknown>): Promise<void> {
    const isBounded = event.subjectId === null && event.caller !== undefined;
    const isRecorded = !isBounded || this.anonymous.admit(event.action);
    await run(toRecordValues(event, isRecorded));
    if (isRecorded) this.metrics.countEvent(event);
    else this.metrics.countOmission(event);
  }

  private async recordOmitted(omitted: AuditAction, events: number): Promise<void> {
    await this.recordStandalone({
      action: 'audit.events_omitted',
      outcome: 'success',
      actorId: null,
      subjectId: null,
      data: { omitted, events },
    });
  }

  /**
   * Erases names, addresses and agents of the events of an account, which stay; the chain of hashes stays whole. That it
   * was done is an event of its own, by which `audit:verify` tells it from tampering.
   */
  async erase(tx: EntityManager, userId: number): Promise<void> {
    const { affected } = await tx
      .createQueryBuilder()
      .delete()
      .from(AuditDetails)
      .where('subjectId = :userId OR actorId = :userId', { userId })
      .execute();
    await this.record(tx, {
      action: 'audit.erased',
      outcome: 'success',
      actorId: null,
      subjectId: userId,
      data: { events: affected ?? 0 },
    });
  }
}

/** As `Audit.record` does, for commands, which have no metrics. */
export async function recordEvent(tx: EntityManager, event: NewAuditEvent): Promise<void> {
  await tx.query(RECORD.text, RECORD.values(toRecordValues(event, true)));
}

function toRecordValues(
  { action, outcome, actorId, subjectId, sessionId = null, ...more }: NewAuditEvent,
  isRecorded: boolean,
): RecordValues {
  const { caller, data = {}, personal } = more;
  const details = {
    address: columnText('address', caller?.address),
    userAgent: columnText('userAgent', caller?.userAgent),
    personal: personal === undefined ? null : columnJson(personal),
  };
  const hasDetails = Object.values(details).some((detail) => detail !== null);
  return {
    action,
    outcome,
    actorId,
    subjectId,
    sessionId,
    isRecorded,
    requestId: columnText('requestId', caller?.requestId),
    data: columnJson(data),
    ...details,
    salt: hasDetails ? randomBytes(SALT_BYTES) : null,
  };
}
