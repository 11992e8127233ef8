import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';

/** The pooler used another connection, on which the statement is not prepared (26000), or already is (42P05). */
const POOLER = new Set(['26000', '42P05']);
/** The tables have changed since: "cached plan must not change result type". */
const STALE = '0A000';

/**
 * A prepared statement, which PostgreSQL parses and plans once per connection, for the few that run with nearly every
 * request. Behind a pooler that does not track prepared statements (PgBouncer in transaction mode before 1.21), the
 * first failure is retried, and from then on it is an ordinary statement.
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

  /** @throws the error of PostgreSQL */
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
        this.logger.warn(
          `a pooler does not track prepared statements (${code}): ${name} is planned for each execution`,
        );
      }
      return this.runPlain(values);
    }
  }

  private async runPlain(values: unknown[]): Promise<Row[]> {
    return (await this.pool.query<Row>({ text: this.text, values })).rows;
  }
}
