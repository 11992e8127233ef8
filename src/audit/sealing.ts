import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../platform/database/transaction.js';
import { type ChainHead, digestEvent, findChainHead, hashSeal } from './hash-chain.js';
import { FIND_UNSEALED, LOCK_CHAIN, NOW, SEAL } from './sealing.sql.js';

interface QueuedEvent {
  queued: string;
  /** Null if the event is lost. It stays in the queue, and `audit:verify` reports it. */
  id: string | null;
  month: string;
  text: string;
}
type ExistingEvent = QueuedEvent & { id: string };

export interface Sealed {
  events: number;
  /** The newest seal, from this run or an earlier one. */
  head: ChainHead;
}

/**
 * Seals all committed events that are not sealed yet. One process runs at a time. Recording an event never waits for
 * it, because it holds no lock that recording needs.
 *
 * @param signal stops between two seals
 */
export async function sealAll(dataSource: DataSource, signal?: AbortSignal): Promise<Sealed> {
  let events = 0;
  for (let position: string | undefined = '0'; position !== undefined;) {
    if (signal?.aborted) break;
    const after: string = position;
    const step: Step = await inTransaction(dataSource, async (tx) => sealNext(tx, after));
    events += step.sealed;
    position = step.position;
  }
  return { events, head: await findChainHead(dataSource) };
}

interface Step {
  sealed: number;
  /** The last processed id of the queue; undefined at its end. */
  position: string | undefined;
}

/** Seals the next events of one month after a position of the queue. */
async function sealNext(tx: EntityManager, after: string): Promise<Step> {
  await tx.query(LOCK_CHAIN.text);
  const queued = await tx.query<QueuedEvent[]>(FIND_UNSEALED.text, FIND_UNSEALED.values({ after }));
  const existing = queued.filter((each): each is ExistingEvent => each.id !== null);
  const [first] = existing;
  if (!first) return { sealed: 0, position: queued.at(-1)?.queued };
  // A seal contains events of one month, because retention drops whole months.
  const end = existing.findIndex(({ month }) => month !== first.month);
  const batch = end === -1 ? existing : existing.slice(0, end);
  await seal(tx, first.month, batch);
  return { sealed: batch.length, position: batch.at(-1)?.id };
}

async function seal(tx: EntityManager, month: string, batch: readonly ExistingEvent[]): Promise<void> {
  const previous = await findChainHead(tx);
  const [{ now = '' } = {}] = await tx.query<{ now?: string }[]>(NOW.text);
  const content = {
    seq: String(BigInt(previous.seq) + 1n),
    month,
    sealedAt: now,
    eventIds: batch.map(({ id }) => id),
    digests: Buffer.concat(batch.map(({ text }) => digestEvent(text))),
    previousHash: previous.hash,
  };
  await tx.query(SEAL.text, SEAL.values({ ...content, hash: hashSeal(content) }));
}
