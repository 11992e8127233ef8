import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account/account.controller.js';
import { AccountDeletion } from './account/account-deletion.js';
import { AccountExports } from './account/account-export.js';
import { DeletionNotice } from './account/deletion-notice.entity.js';
import { DeletionNotices } from './account/deletion-notices.js';
import { ExportSections } from './account/export-sections.js';
import { AuthMetrics } from './auth-metrics.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { CredentialCheck } from './credential-check.js';
import { KnownClients } from './known-clients.js';
import { LoginThrottle } from './login-throttle.js';
import { CurrentPassword } from './passwords/current-password.js';
import { DemandTable } from './passwords/demand-table.js';
import { HashGate } from './passwords/hash-gate.js';
import { HashMetrics } from './passwords/hash-metrics.js';
import { HashThreads } from './passwords/hash-threads.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { SharedDemand } from './passwords/shared-demand.js';
import { PrincipalLoader } from './principal-loader.js';
import { RegistrationService } from './registration.service.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { JwtStrategy } from './strategies/jwt.strategy.js';
import { LocalStrategy } from './strategies/local.strategy.js';
import { AccountCreation } from './account-creation.js';
import { AccountMailComposers } from './email/account-mail-composers.js';
import { AccountMails } from './email/account-mails.js';
import { AccountLinksController } from './email/account-links.controller.js';
import { EmailChange } from './email/email-change.js';
import { EmailLinks } from './email/email-links.js';
import { LinkJob } from './email/link-job.js';
import { LinkRequestLimits } from './email/link-request-limits.js';
import { LinkRequests } from './email/link-requests.js';
import { OneTimeToken } from './one-time-tokens/one-time-token.entity.js';
import { LinkSecrets } from './one-time-tokens/link-secrets.js';
import { OneTimeTokens } from './one-time-tokens/one-time-tokens.service.js';
import { OwnCredentialsController } from './own-credentials.controller.js';
import { NewPasswords } from './passwords/new-passwords.js';
import { PasswordChange } from './passwords/password-change.js';
import { PasswordReset } from './passwords/password-reset.js';
import { PasswordRules } from './passwords/password-rules.js';
import { SignInAdmission } from './sign-in-admission.js';

@Module({
  imports: [TypeOrmModule.forFeature([OneTimeToken, DeletionNotice]), UsersModule, PassportModule, SessionsModule],
  controllers: [AuthController, AccountLinksController, OwnCredentialsController, AccountController],
  providers: [
    AccountDeletion,
    DeletionNotices,
    AccountExports,
    ExportSections,
    CurrentPassword,
    AuthService,
    AuthMetrics,
    CredentialCheck,
    KnownClients,
    LoginThrottle,
    RegistrationService,
    DemandTable,
    SharedDemand,
    HashGate,
    HashMetrics,
    HashThreads,
    PasswordHasher,
    PrincipalLoader,
    JwtStrategy,
    LocalStrategy,
    AccountCreation,
    AccountMailComposers,
    AccountMails,
    EmailChange,
    EmailLinks,
    LinkJob,
    LinkRequestLimits,
    LinkRequests,
    LinkSecrets,
    OneTimeTokens,
    NewPasswords,
    PasswordChange,
    PasswordReset,
    PasswordRules,
    SignInAdmission,
  ],
})
export class AuthModule {}
