import { createHash } from 'node:crypto';
import { eventTextSql, momentSql } from './audit-event.sql.js';

/** Runs SQL and gives the rows: a TypeORM manager or data source, or a bare connection. */
export interface SqlRunner {
  query<Rows>(sql: string, values?: unknown[]): Promise<Rows>;
}

/** Of who changes the chain of seals or the months, one at a time, till the end of its transaction; also in the migration's functions. */
export const CHAIN_LOCK = 'SELECT pg_advisory_xact_lock(1635083380)';

/** What the first seal of all follows. */
export const GENESIS: ChainHead = { seq: '0', hash: Buffer.alloc(32) };

/** Bytes of a SHA-256. */
export const DIGEST_BYTES = 32;

/** The newest seal: whoever has written it down elsewhere can tell later that nothing up to it was changed. */
export interface ChainHead {
  /** A bigint in decimals. */
  seq: string;
  hash: Buffer;
}

/** What a seal binds together. */
export interface SealContent {
  seq: string;
  /** First day of the month that all its events are of: `2026-11-01`. */
  month: string;
  /** RFC 3339 with microseconds. */
  sealedAt: string;
  eventIds: readonly string[];
  /** Hashes of the events one behind the other, in the order of the ids. */
  digests: Buffer;
  previousHash: Buffer;
}

/** An event as it is hashed; see `eventTextSql`. */
export function digestOf(eventText: string): Buffer {
  return createHash('sha256').update(eventText).digest();
}

/** What an event holds of its details. */
export function detailsDigestOf(salt: Buffer, detailsText: string): Buffer {
  return createHash('sha256').update(salt).update(detailsText).digest();
}

/** `seq|month|sealed_at|ids with commas|` as text, then the previous hash and the digests as bytes. */
export function sealHash({ seq, month, sealedAt, eventIds, digests, previousHash }: SealContent): Buffer {
  return createHash('sha256')
    .update(`${seq}|${month}|${sealedAt}|${eventIds.join(',')}|`)
    .update(previousHash)
    .update(digests)
    .digest();
}

const NEWEST = `
  (SELECT seq, hash FROM audit_seals ORDER BY seq DESC LIMIT 1)
  UNION ALL
  (SELECT last_seq, last_hash FROM audit_checkpoints ORDER BY id DESC LIMIT 1)
  ORDER BY seq DESC LIMIT 1`;

/** The end of the chain. */
export async function headOf(runner: SqlRunner): Promise<ChainHead> {
  const [head = GENESIS] = await runner.query<ChainHead[]>(NEWEST);
  return head;
}

/** Columns of a seal as `SealContent`, with the hash that it has. */
export const SEAL_COLUMNS = `seq, to_char(month, 'YYYY-MM-DD') AS month, ${momentSql('sealed_at')} AS "sealedAt",
  events, event_ids AS "eventIds", digests, previous_hash AS "previousHash", hash`;

/** The month of an event, and its text. */
export const EVENT_COLUMNS = `event.id, to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-01') AS month,
  ${eventTextSql('event')} AS text`;
