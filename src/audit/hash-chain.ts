import { createHash } from 'node:crypto';
import { CHAIN_HEAD } from './sealing.sql.js';

/** Runs SQL and gives the rows: a TypeORM manager or data source, or a bare connection. */
export interface SqlRunner {
  query<Rows>(sql: string, values?: unknown[]): Promise<Rows>;
}

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
export function digestEvent(eventText: string): Buffer {
  return createHash('sha256').update(eventText).digest();
}

/** What an event holds of its details. */
export function digestDetails(salt: Buffer, detailsText: string): Buffer {
  return createHash('sha256').update(salt).update(detailsText).digest();
}

/** `seq|month|sealed_at|ids with commas|` as text, then the previous hash and the digests as bytes. */
export function hashSeal({ seq, month, sealedAt, eventIds, digests, previousHash }: SealContent): Buffer {
  return createHash('sha256')
    .update(`${seq}|${month}|${sealedAt}|${eventIds.join(',')}|`)
    .update(previousHash)
    .update(digests)
    .digest();
}

/** The end of the chain. */
export async function findChainHead(runner: SqlRunner): Promise<ChainHead> {
  const [head = GENESIS] = await runner.query<ChainHead[]>(CHAIN_HEAD.text);
  return head;
}
