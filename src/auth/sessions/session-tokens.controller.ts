import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentPrincipal } from '../../access/current-principal.decorator.js';
import { OptionalToken } from '../../access/optional-token.decorator.js';
import type { SessionPrincipal } from '../../access/principal.js';
import { Public } from '../../access/public.decorator.js';
import { setRequestUser } from '../../access/request-user.js';
import { JsonBody } from '../../fastapi/body/body.decorators.js';
import { ApiErrors } from '../../fastapi/openapi/api-errors.decorator.js';
import { databaseContended, databaseUnavailable } from '../../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../../platform/http/caller.js';
import { TokenIssuer } from '../tokens/token-issuer.js';
import { TokenResponse } from '../tokens/token-response.dto.js';
import { unauthenticated } from '../tokens/unauthenticated.js';
import { AuthMode } from './auth-mode.decorator.js';
import { LogoutService } from './logout.service.js';
import type { TokenDelivery } from './refresh-cookie.js';
import { LogoutRequest, RefreshRequest } from './refresh-request.dto.js';
import { Delivery, LogoutTokenGuard, RefreshTokenGuard } from './refresh-token.guards.js';
import { RefreshService } from './refresh.service.js';
import { cookieModeOff, originRefused, refreshFailed } from './session.errors.js';

/** Refreshes and ends sessions. */
@ApiTags('auth')
@Controller({ path: 'auth', version: '1' })
export class SessionTokensController {
  constructor(
    private readonly refreshes: RefreshService,
    private readonly logouts: LogoutService,
    private readonly tokens: TokenIssuer,
  ) {}

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @UseGuards(RefreshTokenGuard)
  @AuthMode()
  @ApiOperation({ description: 'Exchange a refresh token for a new access token and the next refresh token.' })
  @ApiBody({ type: RefreshRequest, required: false })
  @ApiOkResponse({ type: TokenResponse })
  @ApiErrors(refreshFailed, cookieModeOff, originRefused, databaseUnavailable, databaseContended)
  async refresh(
    @JsonBody() body: RefreshRequest,
    @CurrentCaller() caller: Caller,
    @Delivery() delivery: TokenDelivery,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    const refreshed = await this.refreshes.refresh(body.refresh_token, caller);
    setRequestUser(request, refreshed.userId);
    return delivery.deliver(await this.tokens.issue(refreshed.userId, refreshed));
  }

  /**
   * Ends the session of the access token. Without a valid access token, the refresh token identifies the session, even if
   * it has been used. An unknown refresh token gets the same response (RFC 7009 section 2.2).
   */
  @Post('logout')
  @HttpCode(204)
  @OptionalToken()
  @UseGuards(LogoutTokenGuard)
  @AuthMode()
  @ApiOperation({
    description:
      'End the session of the access token. Without a valid access token, end the session of the refresh token.',
  })
  @ApiBody({ type: LogoutRequest, required: false })
  @ApiNoContentResponse()
  @ApiErrors(cookieModeOff, originRefused, databaseContended)
  async logout(
    @JsonBody() body: LogoutRequest,
    @CurrentPrincipal() principal: SessionPrincipal | null,
    @CurrentCaller() caller: Caller,
    @Delivery() delivery: TokenDelivery,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    if (!principal && body.refresh_token === null) throw unauthenticated(request);
    const tokens = { refreshToken: body.refresh_token, ofCookies: delivery.replaced };
    await this.logouts.logout(principal, tokens, caller);
    delivery.clear();
  }
}
