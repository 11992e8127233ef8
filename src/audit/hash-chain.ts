import { createHash } from 'node:crypto';
import { CHAIN_HEAD } from './sealing.sql.js';

/** Runs SQL and returns the rows: a TypeORM manager, a data source or a connection. */
export interface SqlRunner {
  query<Rows>(sql: string, values?: unknown[]): Promise<Rows>;
}

/** The predecessor of the first seal. */
export const GENESIS: ChainHead = { seq: '0', hash: Buffer.alloc(32) };

/** Length of a SHA-256 digest. */
export const DIGEST_BYTES = 32;

/** The newest seal. A copy kept elsewhere proves later that nothing up to this seal was changed. */
export interface ChainHead {
  /** A bigint in decimal notation. */
  seq: string;
  hash: Buffer;
}

/** The hashed contents of a seal. */
export interface SealContent {
  seq: string;
  /** First day of the month of its events: `2026-11-01`. */
  month: string;
  /** RFC 3339 with microseconds. */
  sealedAt: string;
  eventIds: readonly string[];
  /** Digests of the events, concatenated in the order of the ids. */
  digests: Buffer;
  previousHash: Buffer;
}

/** The digest of an event; `eventTextSql` produces its text. */
export function digestEvent(eventText: string): Buffer {
  return createHash('sha256').update(eventText).digest();
}

/** The digest of details that their event contains; `detailsTextSql` produces their text. */
export function digestDetails(salt: Buffer, detailsText: string): Buffer {
  return createHash('sha256').update(salt).update(detailsText).digest();
}

/** SHA-256 of the text `seq|month|sealed_at|id,id,…|`, followed by the bytes of the previous hash and the digests. */
export function hashSeal({ seq, month, sealedAt, eventIds, digests, previousHash }: SealContent): Buffer {
  return createHash('sha256')
    .update(`${seq}|${month}|${sealedAt}|${eventIds.join(',')}|`)
    .update(previousHash)
    .update(digests)
    .digest();
}

/** Finds the newest seal, or `GENESIS`. */
export async function findChainHead(runner: SqlRunner): Promise<ChainHead> {
  const [head = GENESIS] = await runner.query<ChainHead[]>(CHAIN_HEAD.text);
  return head;
}
