import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { inTransaction } from '../platform/database/transaction.js';
import { recordEvent } from './audit-writer.js';
import { DELETE_LOST, LOCK_CHAIN } from './sealing.sql.js';

/** An event that no longer exists, although it is still in the queue of events to seal. */
interface LostEvent {
  id: string;
  occurredAt: string;
}

/**
 * Acknowledges that events were lost before they were sealed: all of them, or none. Each is removed from the queue,
 * where it would prevent its month from being dropped, and the loss is recorded in the chain.
 *
 * @throws ConfigurationError if an id is not that of a lost event
 */
export async function acknowledgeLosses(dataSource: DataSource, ids: readonly string[]): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    // A concurrent sealing job may already have read these entries of the queue.
    await tx.query(LOCK_CHAIN.text);
    const lost = await tx.query<LostEvent[]>(DELETE_LOST.text, DELETE_LOST.values({ ids }));
    const others = ids.filter((id) => !lost.some((each) => each.id === id));
    if (others.length > 0)
      throw new ConfigurationError(
        `audit:verify does not report event.lost for ${others.join(', ')}; nothing was changed.`,
      );
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
