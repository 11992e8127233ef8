import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Environment } from '../../platform/config/environment.js';
import { signingOptions } from '../tokens/signing-options.js';
import { TokenService } from '../tokens/token-service.js';
import { LivePrincipals } from './live-principals.js';
import { LogoutService } from './logout.service.js';
import { NewSignInMail } from './new-sign-in-mail.js';
import { RefreshConfirmations } from './refresh-confirmations.js';
import { RefreshCookie } from './refresh-cookie.js';
import { RefreshTokens } from './refresh-token.js';
import { RefreshService } from './refresh.service.js';
import { Session } from './session.entity.js';
import { SessionList } from './session-list.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionPurge } from './session-purge.js';
import { SessionTokensController } from './session-tokens.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { SignIns } from './sign-ins.js';

/** Signed in, still signed in, signed out. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Session]),
    JwtModule.registerAsync({ inject: [Environment], useFactory: signingOptions }),
  ],
  controllers: [SessionTokensController, SessionsController],
  providers: [
    LivePrincipals,
    LogoutService,
    NewSignInMail,
    RefreshConfirmations,
    RefreshCookie,
    RefreshService,
    RefreshTokens,
    SessionList,
    SessionMetrics,
    SessionPurge,
    SessionsService,
    SignIns,
    TokenService,
  ],
  exports: [LivePrincipals, RefreshCookie, SessionsService, SignIns],
})
export class SessionsModule {}
