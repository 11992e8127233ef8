import pg from 'pg';
import type { RunTimeParameters } from '../config/run-time-parameters.js';

/** Options of a `DatabaseClient`: those of the driver, and the run-time parameters of its session. */
export interface DatabaseClientOptions extends pg.ClientConfig {
  session?: RunTimeParameters;
}

type Connected = (error: Error | null, client?: pg.Client) => void;

/**
 * A connection whose session is set up before its first query. The parameters are set after connecting, in one round
 * trip: PgBouncer refuses them in the startup packet (https://www.pgbouncer.org/config.html,
 * ignore_startup_parameters).
 */
export class DatabaseClient extends pg.Client {
  private readonly session: RunTimeParameters;
  private readonly startup: Record<string, string>;
  private readonly setUpMs: number | undefined;

  constructor(options: DatabaseClientOptions = {}) {
    super(options);
    const { user = '', database = '', application_name, session = {}, connectionTimeoutMillis } = options;
    this.session = session;
    this.setUpMs = connectionTimeoutMillis;
    // `Timestamp` needs ISO, and the database may have another default. PgBouncer tracks DateStyle in all its modes.
    this.startup = { user, database, ...(application_name ? { application_name } : {}), DateStyle: 'ISO' };
  }

  /** The startup packet. The driver's own version adds variables of the process, such as PGOPTIONS. */
  getStartupConf(): Record<string, string> {
    return this.startup;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    // Until the caller has the connection, nothing else listens for errors.
    const ignore = (): void => undefined;
    this.on('error', ignore);
    const ready = super
      .connect()
      .then(() => this.setUp())
      .then(() => void this.off('error', ignore));
    if (!callback) return ready.then(() => this);
    void this.handOver(ready, callback);
    return undefined;
  }

  private async handOver(ready: Promise<void>, callback: Connected): Promise<void> {
    try {
      await ready;
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null, this);
  }

  private async setUp(): Promise<void> {
    const names = Object.keys(this.session);
    if (names.length === 0) return;
    try {
      const statement = { text: setUpStatement(this.session), query_timeout: this.setUpMs };
      // Several statements in one message return a result each.
      const [set, ...shown] = (await super.query(statement)) as unknown as [Result, ...Result[]];
      const expected = set.rows[0] ?? {};
      const lost = names.filter((name, i) => Object.values(shown[i]?.rows[0] ?? {})[0] !== expected[name]);
      if (lost.length > 0) throw new Error(`the server did not keep the parameters ${lost.join(', ')}`);
    } catch (error) {
      this.end().catch(() => undefined);
      throw error;
    }
  }
}

interface Result {
  rows: Record<string, string>[];
}

/**
 * Sets each parameter as the option `-c` does (`SET` reads lists such as search_path differently), and reads it back.
 */
function setUpStatement(session: RunTimeParameters): string {
  const { escapeIdentifier, escapeLiteral } = pg;
  const sets = Object.entries(session).map(
    ([name, value]) =>
      `set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, false) AS ${escapeIdentifier(name)}`,
  );
  return [`SELECT ${sets.join(', ')}`, ...Object.keys(session).map((name) => `SHOW ${name}`)].join('; ');
}
