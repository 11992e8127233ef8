import type { DataSource, EntityManager } from 'typeorm';
import { inTransaction } from '../platform/database/transaction.js';
import { type ChainHead, digestEvent, findChainHead, hashSeal } from './hash-chain.js';
import { FIND_UNSEALED, LOCK_CHAIN, NOW, SEAL } from './sealing.sql.js';

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
  return { events, head: await findChainHead(dataSource) };
}

interface Step {
  sealed: number;
  /** Up to which id of the queue it got; undefined at its end. */
  position: string | undefined;
}

/** Seals what comes next behind a position of the queue. */
async function sealNext(tx: EntityManager, behind: string): Promise<Step> {
  await tx.query(LOCK_CHAIN.text);
  const waiting = await tx.query<Waiting[]>(FIND_UNSEALED.text, FIND_UNSEALED.values({ after: behind }));
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
  const previous = await findChainHead(tx);
  const [{ now = '' } = {}] = await tx.query<{ now?: string }[]>(NOW.text);
  const content = {
    seq: String(BigInt(previous.seq) + 1n),
    month,
    sealedAt: now,
    eventIds: taken.map(({ id }) => id),
    digests: Buffer.concat(taken.map(({ text }) => digestEvent(text))),
    previousHash: previous.hash,
  };
  await tx.query(SEAL.text, SEAL.values({ ...content, hash: hashSeal(content) }));
}
