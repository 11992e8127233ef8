import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { CurrentPrincipal } from '../access/current-principal.decorator.js';
import type { SessionPrincipal } from '../access/principal.js';
import { SessionList, SESSIONS } from '../auth/sessions/session-list.js';
import { sessionNotFound } from '../auth/sessions/session.errors.js';
import { SessionsService } from '../auth/sessions/sessions.service.js';
import { ApiErrors } from '../fastapi/openapi/api-errors.decorator.js';
import { PageQuery, PageRequest } from '../fastapi/pagination/page-request.js';
import { PageResponse } from '../fastapi/pagination/page-response.decorator.js';
import { inTransaction } from '../platform/database/transaction.js';
import { type Caller, CurrentCaller } from '../platform/http/caller.js';
import { mapPage, type Page } from '../platform/pagination/page.js';
import { SessionResponse } from './session-response.dto.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UUID_LENGTH = 36;

/** The active sessions of the current user. */
@ApiTags('users')
@Controller({ path: 'users/me/sessions', version: '1' })
export class SessionsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionsService,
    private readonly list: SessionList,
  ) {}

  @Get()
  @ApiOperation({ description: 'List the active sessions of the current user, newest first.' })
  @PageResponse(SessionResponse)
  async readSessions(
    @CurrentPrincipal() { user, sessionId }: SessionPrincipal,
    @PageQuery(SESSIONS) page: PageRequest,
  ): Promise<Page<SessionResponse>> {
    const found = await this.list.listFor(user.id, page);
    return mapPage(found, (session) => SessionResponse.from(session, sessionId));
  }

  /** Responds to another user's session as to an unknown one. */
  @Delete(':session_id')
  @HttpCode(204)
  @ApiOperation({ description: 'End one session of the current user.' })
  @ApiNoContentResponse()
  @ApiErrors(sessionNotFound)
  async deleteSession(
    @CurrentPrincipal() { user }: SessionPrincipal,
    @Param('session_id') sessionId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    const by = { actorId: user.id, owner: user.id, caller };
    const ended =
      sessionId.length === UUID_LENGTH &&
      UUID.test(sessionId) &&
      (await inTransaction(this.dataSource, async (tx) => this.sessions.revoke(tx, sessionId, 'revoked', by)));
    if (!ended) throw sessionNotFound();
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ description: 'End every other session of the current user.' })
  @ApiNoContentResponse()
  async deleteOtherSessions(
    @CurrentPrincipal() { user, sessionId }: SessionPrincipal,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    const options = { except: sessionId, reason: 'revoked', by: { actorId: user.id, caller } } as const;
    await inTransaction(this.dataSource, async (tx) => this.sessions.revokeAllFor(tx, user.id, options));
  }
}
