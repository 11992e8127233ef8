import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../platform/database/transaction.js';
import { momentSql } from './audit-event.sql.js';
import { CHAIN_LOCK, type ChainHead, digestOf, EVENT_COLUMNS, headOf, sealHash } from './chain.js';

/** Events of one seal: what is held in memory, and what a transaction takes. */
const LARGEST_SEAL = 1000;

interface Waiting {
  queued: string;
  /** Null where the event is gone: it stays in the queue, where `audit:verify` finds it. */
  id: string | null;
  month: string;
  text: string;
}
type Present = Waiting & { id: string };

export interface Sealed {
  events: number;
  /** The newest seal, whether it is of this time or not. */
  head: ChainHead;
}

/**
 * Takes from the queue by id. What commits late, with a lower id, is in the queue then, and is found by the next one:
 * nobody has to wait for a transaction that is still open, and none is passed over.
 */
const WAITING = `
  SELECT unsealed.event_id AS queued, ${EVENT_COLUMNS}
    FROM (SELECT * FROM audit_unsealed WHERE event_id > $1 ORDER BY event_id LIMIT ${LARGEST_SEAL}) AS unsealed
    LEFT JOIN audit_events event ON event.id = unsealed.event_id AND event.occurred_at = unsealed.occurred_at
   ORDER BY unsealed.event_id`;

const SEAL = `
  WITH taken AS (DELETE FROM audit_unsealed WHERE event_id = ANY($4::bigint[]))
  INSERT INTO audit_seals (seq, month, events, event_ids, digests, previous_hash, hash, sealed_at)
  VALUES ($1, $2, cardinality($4::bigint[]), $4, $5, $6, $7, $3)`;

/**
 * Chains every event that is committed and has no seal yet; one process at a time. Who records never waits for it: it
 * holds no lock that a writer of events would need.
 *
 * @param signal ends it between two seals
 */
export async function sealAll(dataSource: DataSource, signal?: AbortSignal): Promise<Sealed> {
  let events = 0;
  for (let position: string | undefined = '0'; position !== undefined;) {
    if (signal?.aborted) break;
    const behind: string = position;
    const step: Step = await inTransaction(dataSource, async (tx) => sealNext(tx, behind));
    events += step.sealed;
    position = step.position;
  }
  return { events, head: await headOf(dataSource) };
}

interface Step {
  sealed: number;
  /** Up to which id of the queue it got; undefined at its end. */
  position: string | undefined;
}

/** Seals what comes next behind a position of the queue. */
async function sealNext(tx: EntityManager, behind: string): Promise<Step> {
  await tx.query(CHAIN_LOCK);
  const waiting = await tx.query<Waiting[]>(WAITING, [behind]);
  const present = waiting.filter((each): each is Present => each.id !== null);
  const [first] = present;
  if (!first) return { sealed: 0, position: waiting.at(-1)?.queued };
  // Retention drops whole months, so a seal is of one.
  const end = present.findIndex(({ month }) => month !== first.month);
  const taken = end === -1 ? present : present.slice(0, end);
  await seal(tx, first.month, taken);
  return { sealed: taken.length, position: taken.at(-1)?.id };
}

async function seal(tx: EntityManager, month: string, taken: readonly Present[]): Promise<void> {
  const previous = await headOf(tx);
  const [{ now = '' } = {}] = await tx.query<{ now?: string }[]>(`SELECT ${momentSql('clock_timestamp()')} AS now`);
  const content = {
    seq: String(BigInt(previous.seq) + 1n),
    month,
    sealedAt: now,
    eventIds: taken.map(({ id }) => id),
    digests: Buffer.concat(taken.map(({ text }) => digestOf(text))),
    previousHash: previous.hash,
  };
  const { seq, sealedAt, eventIds, digests, previousHash } = content;
  await tx.query(SEAL, [seq, month, sealedAt, eventIds, digests, previousHash, sealHash(content)]);
}
