import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/users.module.js';
import { LinksModule } from '../links/links.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AccountCreation } from './account-creation.js';
import { AuthMetrics } from './auth-metrics.js';
import { AuthService } from './auth.service.js';
import { CredentialCheck } from './credential-check.js';
import { CurrentPassword } from './current-password.js';
import { KnownClients } from './known-clients.js';
import { LocalStrategy } from './local.strategy.js';
import { LoginThrottle } from './login-throttle.js';
import { NewSignInMail } from './new-sign-in-mail.js';
import { RegistrationService } from './registration.service.js';
import { SignInAdmission } from './sign-in-admission.js';
import { AuthController } from './sign-in.controller.js';
import { SignIns } from './sign-ins.js';

/** Sign-in and registration. */
@Module({
  imports: [UsersModule, LinksModule, PasswordsModule, SessionsModule, TokensModule],
  controllers: [AuthController],
  providers: [
    AccountCreation,
    AuthMetrics,
    AuthService,
    CredentialCheck,
    CurrentPassword,
    KnownClients,
    LocalStrategy,
    LoginThrottle,
    NewSignInMail,
    RegistrationService,
    SignInAdmission,
    SignIns,
  ],
  exports: [CurrentPassword, LoginThrottle],
})
export class SignInModule {}
