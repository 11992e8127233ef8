import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import { inTransaction } from '../platform/database/transaction.js';
import { momentSql } from './audit-event.sql.js';
import { recordEvent } from './audit.js';
import { CHAIN_LOCK } from './chain.js';

/** An event that is gone, whose place in the queue of what is to be sealed is still there. */
interface Lost {
  id: string;
  occurredAt: string;
}

/** $1 ids. Of the others the event is there, or sealed, or was never heard of. */
const TAKE_LOST = `
  WITH lost AS (
    DELETE FROM audit_unsealed AS queued
     WHERE event_id = ANY($1::bigint[])
       AND NOT EXISTS (SELECT FROM audit_events event
                        WHERE event.id = queued.event_id AND event.occurred_at = queued.occurred_at)
    RETURNING event_id, occurred_at
  )
  SELECT event_id AS id, ${momentSql('occurred_at')} AS "occurredAt" FROM lost ORDER BY event_id`;

/**
 * Takes note that events were lost before their seal: each gives its place in the queue up, so that its month can be
 * dropped one day, to an event that says so in the chain. All of them or none.
 *
 * @throws ConfigurationError for ids of which nothing was lost
 */
export async function acknowledgeLosses(dataSource: DataSource, ids: readonly string[]): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    // Who seals has read the queue, and would seal what is taken from it.
    await tx.query(CHAIN_LOCK);
    const lost = await tx.query<Lost[]>(TAKE_LOST, [ids]);
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
