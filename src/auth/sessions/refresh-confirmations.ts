import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { Session } from './session.entity.js';

/** Records that the response of a refresh reached its client, which starts the grace period of the parent token. */
@Injectable()
export class RefreshConfirmations {
  private readonly logger = new Logger('Sessions');
  private readonly pending = new Set<string>();

  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {}

  /**
   * Confirms a refresh in the background. The request neither waits nor fails. Until the confirmation is written, every
   * further request of the session tries again.
   */
  confirm(sessionId: string, generation: number): void {
    if (this.pending.has(sessionId)) return;
    this.pending.add(sessionId);
    this.sessions
      .update(
        { id: sessionId, generation, confirmedGeneration: LessThan(generation) },
        { confirmedGeneration: generation, confirmedAt: () => 'clock_timestamp()' },
      )
      .catch((error: unknown) => this.logger.debug({ err: error, sessionId, msg: 'a refresh could not be confirmed' }))
      .finally(() => this.pending.delete(sessionId));
  }
}
