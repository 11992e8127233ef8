import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource, type EntityManager, type EntitySubscriberInterface, type QueryRunner } from 'typeorm';
import type { TransactionCommitEvent } from 'typeorm/subscriber/event/TransactionCommitEvent.js';
import type { TransactionRollbackEvent } from 'typeorm/subscriber/event/TransactionRollbackEvent.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { SESSION_END_REASONS, type SessionEndReason } from './session.entity.js';

/** Outcomes of a refresh. `repeated`: a used token gave the same child again; `reused`: it was presented too late. */
const REFRESH_OUTCOMES = ['success', 'repeated', 'reused', 'refused', 'error'] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

interface Pending {
  opened: number;
  ended: Map<SessionEndReason, number>;
}

/** Counts sessions and refreshes. Changes in a transaction count when it is committed. */
@Injectable()
export class SessionMetrics implements EntitySubscriberInterface {
  private readonly refreshes: Counter<'outcome'>;
  private readonly opened: Counter;
  private readonly ended: Counter<'reason'>;
  private readonly pending = new WeakMap<QueryRunner, Pending>();

  constructor({ registry }: Metrics, dataSource: DataSource) {
    const registers = [registry];
    this.refreshes = new Counter({
      name: 'auth_refreshes_total',
      help: 'Refresh attempts, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.opened = new Counter({ name: 'auth_sessions_opened_total', help: 'Sessions opened.', registers });
    this.ended = new Counter({
      name: 'auth_sessions_ended_total',
      help: 'Sessions ended, by reason. Expired sessions are not counted.',
      labelNames: ['reason'],
      registers,
    });
    // Every series starts at 0, because a rate needs a value before the first increment.
    for (const outcome of REFRESH_OUTCOMES) this.refreshes.inc({ outcome }, 0);
    for (const reason of SESSION_END_REASONS) this.ended.inc({ reason }, 0);
    dataSource.subscribers.push(this);
  }

  countRefresh(outcome: RefreshOutcome): void {
    this.refreshes.inc({ outcome });
  }

  /** Counts when the transaction is committed, not when it is rolled back. */
  countOpened(tx: EntityManager): void {
    const pending = this.pendingOf(tx);
    if (pending) pending.opened += 1;
  }

  /** Counts like `countOpened`. */
  countRevoked(tx: EntityManager, reason: SessionEndReason, sessions: number): void {
    const pending = this.pendingOf(tx);
    if (pending && sessions > 0) pending.ended.set(reason, (pending.ended.get(reason) ?? 0) + sessions);
  }

  private pendingOf({ queryRunner }: EntityManager): Pending | undefined {
    if (!queryRunner) return undefined;
    const pending = this.pending.get(queryRunner) ?? { opened: 0, ended: new Map<SessionEndReason, number>() };
    this.pending.set(queryRunner, pending);
    return pending;
  }

  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const { opened, ended } = this.pending.get(queryRunner) ?? {
      opened: 0,
      ended: new Map<SessionEndReason, number>(),
    };
    this.opened.inc(opened);
    for (const [reason, sessions] of ended) this.ended.inc({ reason }, sessions);
    this.pending.delete(queryRunner);
  }

  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): void {
    this.pending.delete(queryRunner);
  }
}
