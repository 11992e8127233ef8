import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/users.module.js';
import { LinksModule } from '../links/links.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { EmailChange } from './email-change.js';
import { EmailVerification } from './email-verification.js';
import { PasswordReset } from './password-reset.js';
import { PasswordUpdater } from './password-updater.js';
import { RecoveryController } from './recovery.controller.js';

/** Password reset, verification of addresses and change of an address. */
@Module({
  imports: [UsersModule, LinksModule, PasswordsModule, SessionsModule, SignInModule],
  controllers: [RecoveryController],
  providers: [EmailChange, EmailVerification, PasswordUpdater, PasswordReset],
  exports: [EmailChange, PasswordUpdater],
})
export class RecoveryModule {}
