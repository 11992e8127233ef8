import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { inTransaction } from '../platform/database/transaction.js';
import { recordEvent } from './audit-writer.js';
import { DELETE_LOST, LOCK_CHAIN } from './sealing.sql.js';

/** An event that is gone, whose place in the queue of what is to be sealed is still there. */
interface Lost {
  id: string;
  occurredAt: string;
}

/**
 * Takes note that events were lost before their seal: each gives its place in the queue up, so that its month can be
 * dropped one day, to an event that says so in the chain. All of them or none.
 *
 * @throws ConfigurationError for ids of which nothing was lost
 */
export async function acknowledgeLosses(dataSource: DataSource, ids: readonly string[]): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    // Who seals has read the queue, and would seal what is taken from it.
    await tx.query(LOCK_CHAIN.text);
    const lost = await tx.query<Lost[]>(DELETE_LOST.text, DELETE_LOST.values({ ids }));
    const others = ids.filter((id) => !lost.some((each) => each.id === id));
    if (others.length > 0)
      throw new ConfigurationError(`audit:verify finds no event.lost of ${others.join(', ')}; nothing was changed.`);
    for (const { id: eventId, occurredAt } of lost) {
      await recordEvent(tx, {
        action: 'audit.loss_acknowledged',
        outcome: 'success',
        actorId: null,
        subjectId: null,
        data: { eventId, occurredAt },
      });
    }
  });
}
