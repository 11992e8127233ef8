import { Controller, Delete, Get, HttpCode, StreamableFile } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../access/current-principal.decorator.js';
import { CurrentUser } from '../access/current-user.decorator.js';
import type { PrincipalUser, SessionPrincipal } from '../access/principal.js';
import { RecentSignIn } from '../access/recent-sign-in.decorator.js';
import { ACTIVITY, AuditReader } from '../audit/audit-reader.js';
import { overloaded } from '../auth/passwords/hashing/hash-queue.errors.js';
import { wrongPassword } from '../auth/sign-in/factors/factor.errors.js';
import { reauthenticationRequired, tooManyAttempts } from '../auth/sign-in/sign-in.errors.js';
import { confirmationLimit } from '../auth/sign-in/sign-in.limits.js';
import { JsonBody } from '../fastapi/body/body.decorators.js';
import { ApiErrors } from '../fastapi/openapi/api-errors.decorator.js';
import { PageQuery, PageRequest } from '../fastapi/pagination/page-request.js';
import { PageResponse } from '../fastapi/pagination/page-response.decorator.js';
import { databaseContended } from '../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../platform/http/caller.js';
import { mapPage, type Page } from '../platform/pagination/page.js';
import { RateLimit } from '../platform/rate-limit/rate-limit.decorator.js';
import type { Account } from '../users/user.entity.js';
import { accountReferenced, lastSuperuser } from '../users/users.errors.js';
import { AccountDeletionRequest } from './account-deletion.dto.js';
import { AccountDeletion } from './account-deletion.js';
import { AccountExport } from './account-export.dto.js';
import { AccountExports } from './account-export.js';
import { tooManyExports } from './account.errors.js';
import { exportLimit } from './account.limits.js';
import { ActivityResponse } from './activity-response.dto.js';

/** Deletion, export and activity of the current user's account. */
@ApiTags('users')
@Controller({ path: 'users/me', version: '1' })
export class AccountController {
  constructor(
    private readonly deletion: AccountDeletion,
    private readonly exports: AccountExports,
    private readonly audit: AuditReader,
  ) {}

  @Delete()
  @HttpCode(204)
  @RateLimit(confirmationLimit)
  @ApiOperation({ description: 'Permanently delete the current user and all data about them.' })
  @ApiNoContentResponse()
  @ApiErrors(wrongPassword, accountReferenced, lastSuperuser, tooManyAttempts, overloaded, databaseContended)
  async deleteUsersMe(
    @CurrentPrincipal() principal: SessionPrincipal<Account>,
    @JsonBody() { password }: AccountDeletionRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.deletion.delete(principal, password, caller);
  }

  @Get('export')
  @RateLimit(exportLimit)
  @RecentSignIn()
  @ApiOperation({ description: 'Download all data about the current user as a JSON file.' })
  @ApiOkResponse({ type: AccountExport })
  @ApiErrors(reauthenticationRequired, tooManyExports)
  async exportUsersMe(@CurrentUser() user: PrincipalUser, @CurrentCaller() caller: Caller): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.stream(user.id, caller), {
      type: 'application/json',
      disposition: `attachment; filename="account-${user.id}.json"`,
    });
  }

  @Get('activity')
  @ApiOperation({ description: 'List the events of the account of the current user, newest first.' })
  @PageResponse(ActivityResponse)
  async listActivity(
    @CurrentUser() user: PrincipalUser,
    @PageQuery(ACTIVITY) page: PageRequest,
  ): Promise<Page<ActivityResponse>> {
    return mapPage(await this.audit.listFor(user.id, page), (item) => ActivityResponse.from(item));
  }
}
