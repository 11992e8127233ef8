import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIRM } from './sessions.sql.js';

/** Records that a refresh has reached its client, which starts the grace of its parent. */
@Injectable()
export class RefreshConfirmations {
  private readonly logger = new Logger('Sessions');
  private readonly inHand = new Set<string>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Confirms a refresh in the background: the request neither waits for it nor fails because of it. Until it is
   * written, every further request of the session tries again.
   */
  confirm(sessionId: string, generation: number): void {
    if (this.inHand.has(sessionId)) return;
    this.inHand.add(sessionId);
    this.dataSource
      .query(CONFIRM, [sessionId, generation])
      .catch((error: unknown) => this.logger.debug({ err: error, sessionId, msg: 'a refresh could not be confirmed' }))
      .finally(() => this.inHand.delete(sessionId));
  }
}
