import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LinksModule } from '../auth/links/links.module.js';
import { PasswordsModule } from '../auth/passwords/passwords.module.js';
import { RecoveryModule } from '../auth/recovery/recovery.module.js';
import { SessionsModule } from '../auth/sessions/sessions.module.js';
import { SignInModule } from '../auth/sign-in/sign-in.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountDeletion } from './account-deletion.js';
import { AccountExports } from './account-export.js';
import { AccountController } from './account.controller.js';
import { CredentialsController } from './credentials.controller.js';
import { DeletionNotice } from './deletion-notice.entity.js';
import { DeletionNotices } from './deletion-notices.js';
import { ExportSections } from './export-sections.js';
import { PasswordChange } from './password-change.js';
import { UsersController } from './profile.controller.js';
import { ProfileService } from './profile.service.js';
import { RenameLimits } from './rename-limits.js';
import { SessionsController } from './sessions.controller.js';
import { UsernameChangedMail } from './username-changed-mail.js';

/** The routes of the current user's own account. */
@Module({
  imports: [
    TypeOrmModule.forFeature([DeletionNotice]),
    UsersModule,
    LinksModule,
    PasswordsModule,
    RecoveryModule,
    SessionsModule,
    SignInModule,
  ],
  controllers: [UsersController, CredentialsController, AccountController, SessionsController],
  providers: [
    AccountDeletion,
    AccountExports,
    DeletionNotices,
    ExportSections,
    PasswordChange,
    ProfileService,
    RenameLimits,
    UsernameChangedMail,
  ],
})
export class AccountModule {}
