import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { MailComposer } from '../mail/mail-composer.decorator.js';
import type { Composed, MailPayload } from '../mail/mail-composers.js';
import { MailQueue } from '../mail/mail-queue.js';
import type { Caller } from '../platform/http/caller.js';
import { User } from '../users/user.entity.js';

/** Notifies the owner of an account of a new username, which is needed to sign in. */
@Injectable()
export class UsernameChangedMail {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly mails: MailQueue,
  ) {}

  /** Enqueues the message, unless the account has no address. */
  async enqueue(tx: EntityManager, user: Pick<User, 'id' | 'email'>, caller: Caller): Promise<void> {
    if (user.email === null) return;
    await this.mails.enqueue(tx, {
      template: 'username-changed',
      userId: user.id,
      language: this.mails.languageFor(caller),
      about: { at: new Date().toISOString() },
    });
  }

  @MailComposer('username-changed')
  async compose({ userId, at }: MailPayload): Promise<Composed<'username-changed'> | null> {
    const user = await this.users.findOneBy({ id: userId });
    if (!user || user.email === null) return null;
    const isVerified = user.emailVerifiedAt !== null;
    return { to: user.email, isVerified, variables: { username: user.username, at: new Date(String(at)) } };
  }
}
