import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { MailComposer } from '../../mail/mail-composer.decorator.js';
import type { Composed, MailPayload } from '../../mail/mail-composers.js';
import { MailQueue } from '../../mail/mail-queue.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { Session } from '../sessions/session.entity.js';
import type { OpenedSession } from '../sessions/sessions.service.js';
import { SignInSettings } from './sign-in.settings.js';

/** Notifies owners of a sign-in on a new device, so that they notice a stolen password. */
@Injectable()
export class NewSignInMail {
  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: SignInSettings,
    private readonly mails: MailQueue,
  ) {}

  /** Enqueues the message in the transaction that opens the session. Does nothing for an account without an address. */
  async enqueue(
    tx: EntityManager,
    user: Pick<User, 'id' | 'email'>,
    session: OpenedSession,
    caller: Caller,
  ): Promise<void> {
    if (!this.settings.NEW_DEVICE_MAIL || !session.isNewDevice || user.email === null) return;
    await this.mails.enqueue(tx, {
      template: 'new-sign-in',
      userId: user.id,
      language: this.mails.languageFor(caller),
      about: { sessionId: session.id },
    });
  }

  /** @returns null if the account was deleted, and its sessions with it */
  @MailComposer('new-sign-in')
  async compose(order: MailPayload): Promise<Composed<'new-sign-in'> | null> {
    const session = await this.dataSource.getRepository(Session).findOne({
      where: { id: String(order.sessionId), userId: order.userId },
      relations: { user: true },
    });
    if (!session?.user?.email) return null;
    const { deviceLabel, address, createdAt, user } = session;
    const variables = { username: user.username, at: createdAt, device: deviceLabel, address };
    return { to: session.user.email, isVerified: user.emailVerifiedAt !== null, variables };
  }
}
