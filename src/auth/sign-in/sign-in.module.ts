import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { UsersModule } from '../../users/users.module.js';
import { LinksModule } from '../links/links.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AccountCreation } from './account-creation.js';
import { AttemptTokens } from './attempt-tokens.js';
import { AuthMetrics } from './auth-metrics.js';
import { Factors } from './factors/factors.js';
import { PasswordFactor } from './factors/password.factor.js';
import { KnownClients } from './known-clients.js';
import { LocalStrategy } from './local.strategy.js';
import { LoginThrottle } from './login-throttle.js';
import { NewSignInMail } from './new-sign-in-mail.js';
import { PasswordRehash } from './password-rehash.js';
import { PasswordSignIn } from './password-sign-in.js';
import { ReauthenticationController } from './reauthentication.controller.js';
import { Reauthentication } from './reauthentication.js';
import { RecentSignIn } from './recent-sign-in.js';
import { RegistrationService } from './registration.service.js';
import { SignInChallenges } from './sign-in-challenges.js';
import { AuthController } from './sign-in.controller.js';
import { SignInFlow } from './sign-in.flow.js';
import { SignInPolicy } from './sign-in.policy.js';

/** Sign-in, reauthentication and registration. */
@Module({
  imports: [DiscoveryModule, UsersModule, LinksModule, PasswordsModule, SessionsModule, TokensModule],
  controllers: [AuthController, ReauthenticationController],
  providers: [
    AccountCreation,
    AttemptTokens,
    AuthMetrics,
    Factors,
    KnownClients,
    LocalStrategy,
    LoginThrottle,
    NewSignInMail,
    PasswordFactor,
    PasswordRehash,
    PasswordSignIn,
    Reauthentication,
    RecentSignIn,
    RegistrationService,
    SignInChallenges,
    SignInFlow,
    SignInPolicy,
  ],
  exports: [LoginThrottle, PasswordSignIn, Reauthentication, RecentSignIn, SignInFlow],
})
export class SignInModule {}
