import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/users.module.js';
import { LinksModule } from '../links/links.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { EmailChange } from './email-change.js';
import { EmailLinks } from './email-verification.js';
import { PasswordReset } from './password-reset.js';
import { NewPasswords } from './password-updater.js';
import { AccountLinksController } from './recovery.controller.js';

/** Password reset, e-mail verification and e-mail change. */
@Module({
  imports: [UsersModule, LinksModule, PasswordsModule, SessionsModule, SignInModule],
  controllers: [AccountLinksController],
  providers: [EmailChange, EmailLinks, NewPasswords, PasswordReset],
  exports: [EmailChange, NewPasswords],
})
export class RecoveryModule {}
