import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TokensModule } from '../tokens/tokens.module.js';
import { CookieOrigins } from './cookie-origins.js';
import { LogoutService } from './logout.service.js';
import { PrincipalLoader } from './principal-loader.js';
import { PrincipalReader } from './principal-reader.js';
import { RefreshConfirmations } from './refresh-confirmations.js';
import { RefreshCookie } from './refresh-cookie.js';
import { RefreshTokens } from './refresh-token.js';
import { RefreshService } from './refresh.service.js';
import { SessionBearerVerifier } from './session-bearer-verifier.js';
import { SessionList } from './session-list.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionNetwork } from './session-network.entity.js';
import { SessionPurge } from './session-purge.js';
import { SessionTokensController } from './session-tokens.controller.js';
import { Session } from './session.entity.js';
import { SessionsService } from './sessions.service.js';

/** Sessions: opening, refresh, logout and revocation. */
@Module({
  imports: [TypeOrmModule.forFeature([Session, SessionNetwork]), TokensModule],
  controllers: [SessionTokensController],
  providers: [
    CookieOrigins,
    PrincipalReader,
    LogoutService,
    PrincipalLoader,
    RefreshConfirmations,
    RefreshCookie,
    RefreshService,
    RefreshTokens,
    SessionBearerVerifier,
    SessionList,
    SessionMetrics,
    SessionPurge,
    SessionsService,
  ],
  exports: [TypeOrmModule, RefreshCookie, SessionList, SessionsService],
})
export class SessionsModule {}
