import type { DataSource } from 'typeorm';
import { AnonymousEventLimit } from '../../src/audit/anonymous-event-limit.js';
import { AuditWriter, type NewAuditEvent } from '../../src/audit/audit-writer.js';
import { verifyAuditLog } from '../../src/audit/verification.js';
import { AuditMetrics } from '../../src/audit/audit-metrics.js';
import type { Verification } from '../../src/audit/findings.js';
import { sealAll } from '../../src/audit/sealing.js';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrationDataSource } from '../../src/platform/database/migrate.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { silentLogger } from './silent-logger.js';
import { createDatabase, dropDatabase } from './test-databases.js';

/** The audit log on a separate database, without the rest of the service. */
export class AuditLog {
  private constructor(
    readonly database: DatabaseSettings,
    readonly dataSource: DataSource,
    readonly audit: AuditWriter,
    readonly metrics: Metrics,
  ) {}

  static async open(): Promise<AuditLog> {
    const database = await createDatabase();
    const dataSource = await migrationDataSource(database, schema, silentLogger).initialize();
    const metrics = new Metrics();
    return new AuditLog(
      database,
      dataSource,
      new AuditWriter(dataSource, new AuditMetrics(metrics, dataSource), new AnonymousEventLimit()),
      metrics,
    );
  }

  /** Records an event, by default of the account 7. @returns its id */
  async record(event: Partial<NewAuditEvent> = {}): Promise<string> {
    await this.audit.record(this.dataSource.manager, eventOf(event));
    const [newest] = await this.sql<{ id: string }>('SELECT id FROM audit_events ORDER BY id DESC LIMIT 1');
    return newest?.id ?? '';
  }

  async sql<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, values);
  }

  /** Changes protected rows of the log, as the owner of its tables can. */
  async tamper(sql: string): Promise<void> {
    const tables = ['audit_events', 'audit_seals', 'audit_checkpoints', 'audit_details'];
    const each = (what: string): string => tables.map((table) => `ALTER TABLE ${table} ${what} TRIGGER USER;`).join('');
    await this.sql(`${each('DISABLE')} ${sql}; ${each('ENABLE')}`);
  }

  /** @returns the number of events that were sealed */
  async seal(): Promise<number> {
    const { events } = await sealAll(this.dataSource);
    return events;
  }

  async verify(anchor?: { seq: string; hash: string }): Promise<Verification> {
    return verifyAuditLog(this.dataSource, anchor);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await dropDatabase(this.database);
  }
}

export function eventOf(event: Partial<NewAuditEvent> = {}): NewAuditEvent {
  return {
    action: 'session.opened',
    outcome: 'success',
    actorId: 7,
    subjectId: 7,
    caller: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'request-1' },
    ...event,
  };
}
