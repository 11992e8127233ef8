import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { MailComposers, type MailOrderToCompose } from '../../mail/mail-composers.js';
import { languageOf } from '../../mail/mail-language.js';
import type { MailVariables } from '../../mail/mail-variables.js';
import { Mails } from '../../mail/mails.js';
import { Environment } from '../../platform/config/environment.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { Session } from './session.entity.js';
import type { OpenedSession } from './sessions.service.js';

/** Tells people of a sign-in from a device that their account has not been used on, so that a stolen password is noticed. */
@Injectable()
export class NewSignInMail implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly mails: Mails,
    private readonly composers: MailComposers,
  ) {}

  onModuleInit(): void {
    this.composers.register('new-sign-in', async (order) => this.compose(order));
  }

  /** Orders the message with the session that it is about; none for an account without an address. */
  async order(
    tx: EntityManager,
    user: Pick<User, 'id' | 'email'>,
    session: OpenedSession,
    caller: Caller,
  ): Promise<void> {
    const { NEW_DEVICE_MAIL, MAIL_LANGUAGE } = this.environment;
    if (!NEW_DEVICE_MAIL || !session.isNewDevice || user.email === null) return;
    await this.mails.enqueue(tx, {
      template: 'new-sign-in',
      userId: user.id,
      language: languageOf(caller.languages, MAIL_LANGUAGE),
      about: { sessionId: session.id },
    });
  }

  /** Nothing for an account that is gone, for its session went with it. */
  private async compose(
    order: MailOrderToCompose,
  ): Promise<{ to: string; variables: MailVariables['new-sign-in'] } | null> {
    const session = await this.dataSource.getRepository(Session).findOne({
      where: { id: String(order.sessionId), userId: order.userId },
      relations: { user: true },
    });
    if (!session?.user?.email || (await this.toldOften(session))) return null;
    const { deviceLabel, address, createdAt, user } = session;
    const variables = { username: user.username, at: createdAt, device: deviceLabel, address };
    return { to: session.user.email, variables };
  }

  /**
   * Whether as many of these as MAIL_LIMIT_PER_HOUR were ordered in the hour before: a program can call itself anything, and
   * an address that nobody has verified may be a stranger's (row A60). The same at every try to send.
   */
  private async toldOften({ id, userId }: Session): Promise<boolean> {
    const [{ told = 0 } = {}] = await this.dataSource.query<{ told?: number }[]>(
      `SELECT count(*)::int AS told FROM audit_events AS earlier, sessions AS this
        WHERE this.id = $1 AND earlier.subject_id = $2 AND earlier.action = 'session.opened'
          AND earlier.data @> '{"new_device": true}' AND earlier.session_id <> this.id
          AND earlier.occurred_at BETWEEN this.created_at - interval '1 hour' AND this.created_at`,
      [id, userId],
    );
    return told >= this.environment.MAIL_LIMIT_PER_HOUR;
  }
}
