import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { retryTransient } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import type { AuditAction, AuditOutcome } from './actions.js';
import { AnonymousEvents } from './anonymous-events.js';
import { ERASE, RECORD, RECORD_UNHELD } from './audit-event.sql.js';
import { AuditMetrics } from './audit-metrics.js';
import { columnJson, columnText, type EventData } from './event-fields.js';

/** One thing that happened to an account (rows A112, A116). */
export interface AuditEvent {
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
export class Audit {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly dataSource: DataSource,
    private readonly metrics: AuditMetrics,
    private readonly anonymous: AnonymousEvents,
  ) {
    anonymous.reportTo(async (action, events) => this.recordOmitted(action, events));
  }

  /**
   * Records an event in the transaction of the change: both are committed, or neither.
   */
  async record(tx: EntityManager, event: AuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD, values));
  }

  /**
   * The same where the transaction does not hold the account, which may be deleted meanwhile: what is personal is then not
   * kept, since nobody would erase it any more.
   */
  async recordUnheld(tx: EntityManager, event: AuditEvent): Promise<void> {
    await this.write(event, async (values) => tx.query(RECORD_UNHELD, values));
  }

  /**
   * Records what changed nothing, as a failed sign-in, in a transaction of its own. It never throws, since the answer to
   * the caller stands already: an event that is lost is an error in the log and `audit_write_failures_total`.
   */
  async recordAlone(event: AuditEvent): Promise<void> {
    try {
      await this.write(event, async (values) =>
        retryTransient(async () => this.dataSource.query(RECORD_UNHELD, values)),
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
   * Omits events of requests without a subject beyond the rate of `AnonymousEvents`. The statement of an omitted event
   * runs without writing, so that response times do not reveal whether an account exists.
   */
  private async write(event: AuditEvent, run: (values: unknown[]) => Promise<unknown>): Promise<void> {
    const isBounded = event.subjectId === null && event.caller !== undefined;
    const isRecorded = !isBounded || this.anonymous.admit(event.action);
    await run(valuesOf(event, isRecorded));
    if (isRecorded) this.metrics.count(event);
    else this.metrics.countOmission(event);
  }

  private async recordOmitted(omitted: AuditAction, events: number): Promise<void> {
    await this.recordAlone({
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
    const [, events] = await tx.query<[unknown, number]>(ERASE, [userId]);
    await this.record(tx, {
      action: 'audit.erased',
      outcome: 'success',
      actorId: null,
      subjectId: userId,
      data: { events },
    });
  }
}

/** As `Audit.record` does, for commands, which have no metrics. */
export async function recordEvent(tx: EntityManager, event: AuditEvent): Promise<void> {
  await tx.query(RECORD, valuesOf(event, true));
}

/** The parameters of `RECORD`. */
function valuesOf(
  { action, outcome, actorId, subjectId, sessionId = null, ...more }: AuditEvent,
  isRecorded: boolean,
): unknown[] {
  const { caller, data = {}, personal } = more;
  const details = [
    columnText('address', caller?.address),
    columnText('userAgent', caller?.userAgent),
    personal === undefined ? null : columnJson(personal),
  ];
  const salt = details.some((detail) => detail !== null) ? randomBytes(SALT_BYTES) : null;
  const requestId = columnText('requestId', caller?.requestId);
  return [action, outcome, actorId, subjectId, sessionId, requestId, columnJson(data), ...details, salt, isRecorded];
}
