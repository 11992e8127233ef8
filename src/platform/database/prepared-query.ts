import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';

/** The connection behind a pooler is another one than the one that prepared it: unknown there, or known already. */
const POOLER = new Set(['26000', '42P05']);
/** The tables have changed since: "cached plan must not change result type". */
const STALE = '0A000';

/**
 * A statement that PostgreSQL parses and plans once a connection instead of each time, for the few that run with nearly
 * every request. Behind a pooler that does not follow prepared statements (PgBouncer in transaction mode before 1.21) it
 * goes on as any other statement, after the first one that failed has been repeated.
 */
export class PreparedQuery<Row extends QueryResultRow> {
  private readonly logger = new Logger('Database');
  /**
   * Contains a hash of the text: two builds may have different texts for one purpose and share the connections of a
   * pooler.
   */
  private readonly name: string;

  /**
   * @param purpose the beginning of the statement's name
   * @param isPrepared false behind a pooler in transaction mode
   */
  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    purpose: string,
    private readonly text: string,
    private isPrepared = true,
  ) {
    this.name = `${purpose}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  }

  /** @throws what PostgreSQL throws */
  async rows(values: unknown[]): Promise<Row[]> {
    const { text, name } = this;
    if (!this.isPrepared) return this.runPlain(values);
    try {
      return (await this.pool.query<Row>({ name, text, values })).rows;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== STALE && !POOLER.has(code ?? '')) throw error;
      if (code !== STALE && this.isPrepared) {
        this.isPrepared = false;
        this.logger.warn(`a pooler does not follow prepared statements (${code}): ${name} is planned each time`);
      }
      return this.runPlain(values);
    }
  }

  private async runPlain(values: unknown[]): Promise<Row[]> {
    return (await this.pool.query<Row>({ text: this.text, values })).rows;
  }
}
