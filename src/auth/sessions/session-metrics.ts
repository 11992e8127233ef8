import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource, type EntityManager, type EntitySubscriberInterface, type QueryRunner } from 'typeorm';
import type { TransactionCommitEvent } from 'typeorm/subscriber/event/TransactionCommitEvent.js';
import type { TransactionRollbackEvent } from 'typeorm/subscriber/event/TransactionRollbackEvent.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { SESSION_ENDS, type SessionEnd } from './session.entity.js';

/** How a refresh ends: `repeated`: a parent gave the same child again; `reused`: it was presented too late. */
const REFRESH_OUTCOMES = ['success', 'repeated', 'reused', 'refused', 'error'] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

type Ended = Map<SessionEnd, number>;

/** Sessions and refreshes, counted. What happens within a transaction counts when it has been committed, and only then. */
@Injectable()
export class SessionMetrics implements EntitySubscriberInterface {
  private readonly refreshes: Counter<'outcome'>;
  private readonly opened: Counter;
  private readonly ended: Counter<'reason'>;
  private readonly pending = new WeakMap<QueryRunner, Ended>();

  constructor({ registry }: Metrics, dataSource: DataSource) {
    const registers = [registry];
    this.refreshes = new Counter({
      name: 'auth_refreshes_total',
      help: 'Refresh tokens that were shown, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.opened = new Counter({ name: 'auth_sessions_opened_total', help: 'Sessions that were opened.', registers });
    this.ended = new Counter({
      name: 'auth_sessions_ended_total',
      help: 'Sessions that were ended, by reason; those that expired are not counted.',
      labelNames: ['reason'],
      registers,
    });
    // All of them from the start: a rate needs a value before the first.
    for (const outcome of REFRESH_OUTCOMES) this.refreshes.inc({ outcome }, 0);
    for (const reason of SESSION_ENDS) this.ended.inc({ reason }, 0);
    dataSource.subscribers.push(this);
  }

  countRefresh(outcome: RefreshOutcome): void {
    this.refreshes.inc({ outcome });
  }

  countOpened(): void {
    this.opened.inc();
  }

  /** Counts with the commit of the transaction; nothing when it is undone. */
  willEnd({ queryRunner }: EntityManager, reason: SessionEnd, sessions: number): void {
    if (!queryRunner || sessions === 0) return;
    const ended: Ended = this.pending.get(queryRunner) ?? new Map<SessionEnd, number>();
    this.pending.set(queryRunner, ended.set(reason, (ended.get(reason) ?? 0) + sessions));
  }

  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    for (const [reason, sessions] of this.pending.get(queryRunner) ?? []) this.ended.inc({ reason }, sessions);
    this.pending.delete(queryRunner);
  }

  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): void {
    this.pending.delete(queryRunner);
  }
}
