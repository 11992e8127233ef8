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
  /** The account that acted; null if it is unknown or the service itself acted. */
  actorId: number | null;
  /** The account that the event is about; null if there is none. */
  subjectId: number | null;
  /** The session that the event is about or occurred in. */
  sessionId?: string | null;
  /** The origin of the request; absent for jobs and commands. */
  caller?: Pick<Caller, 'address' | 'userAgent' | 'requestId'>;
  /** Ids, reasons and counts, never personal data, because it is never erased. Strings are cut at 512 characters. */
  data?: EventData;
  /** Names and addresses, stored separately and erased with the account. Strings are cut at 512 characters. */
  personal?: Readonly<Record<string, string | null>>;
}

const SALT_BYTES = 16;

/** Writes the audit log. Requests and jobs record events only through it. */
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

  /** Records an event in the transaction of the change, so that both are committed or neither. */
  async record(tx: EntityManager, event: NewAuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD.text, RECORD.values(values)));
  }

  /**
   * Records an event in a transaction that has not locked the account. If the account is deleted concurrently, no
   * personal data is stored, because it would never be erased.
   */
  async recordUnlocked(tx: EntityManager, event: NewAuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD_UNLOCKED.text, RECORD_UNLOCKED.values(values)));
  }

  /**
   * Records an event that belongs to no change, such as a failed sign-in, in a separate transaction. Never throws,
   * because the response is already decided: a lost event is logged as an error and counted in
   * `audit_write_failures_total`.
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
        msg: 'an event is missing from the audit log',
      });
    }
  }

  /**
   * Omits events of requests without a subject that exceed `AnonymousEventLimit`. The statement of an omitted event
   * runs without writing, so that response times do not reveal whether an account exists.
   */
  private async write(event: NewAuditEvent, run: (values: RecordValues) => Promise<unknown>): Promise<void> {
    const isLimited = event.subjectId === null && event.caller !== undefined;
    const isRecorded = !isLimited || this.anonymous.admit(event.action);
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
   * Erases names, addresses and user agents from the events of an account. The events and the hash chain stay intact.
   * An `audit.erased` event lets `audit:verify` distinguish the erasure from tampering.
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

/** Records an event like `AuditWriter.record`, for commands, which have no metrics. */
export async function recordEvent(tx: EntityManager, event: NewAuditEvent): Promise<void> {
  await tx.query(RECORD.text, RECORD.values(toRecordValues(event, true)));
}

function toRecordValues(
  { action, outcome, actorId, subjectId, sessionId = null, ...optional }: NewAuditEvent,
  isRecorded: boolean,
): RecordValues {
  const { caller, data = {}, personal } = optional;
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
