import { Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../access/current-principal.decorator.js';
import { CurrentUser } from '../access/current-user.decorator.js';
import type { SessionPrincipal } from '../access/principal.js';
import { reauthenticationRequired } from '../auth/sign-in/sign-in.errors.js';
import { JsonBody } from '../fastapi/body/body.decorators.js';
import { invalidToken } from '../fastapi/errors/fastapi.errors.js';
import { ApiErrors } from '../fastapi/openapi/api-errors.decorator.js';
import { databaseContended } from '../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../platform/http/caller.js';
import { RateLimit } from '../platform/rate-limit/rate-limit.decorator.js';
import { UserResponse } from '../users/user-response.dto.js';
import type { Account } from '../users/user.entity.js';
import { tooManyRenames, usernameTaken } from '../users/users.errors.js';
import { renameLimit } from './account.limits.js';
import { ProfileResponse, refuseCredentials, UserUpdate } from './profile.dto.js';
import { ProfileService } from './profile.service.js';

@ApiTags('users')
@Controller({ path: 'users', version: '1' })
export class UsersController {
  constructor(private readonly profiles: ProfileService) {}

  @Get('me')
  @ApiOperation({ description: 'Get current user.' })
  @ApiOkResponse({ type: UserResponse })
  readUsersMe(@CurrentUser() user: Account): UserResponse {
    return UserResponse.from(user);
  }

  @Get('me/profile')
  @ApiOperation({ description: 'Get the profile of the current user.' })
  @ApiOkResponse({ type: ProfileResponse })
  async readProfile(@CurrentUser() user: Account): Promise<ProfileResponse> {
    return ProfileResponse.from(requirePresent(await this.profiles.find(user.id)));
  }

  @Patch('me')
  @RateLimit(renameLimit)
  @ApiOperation({ description: 'Change the username or the display name. Omitted fields stay unchanged.' })
  @ApiOkResponse({ type: ProfileResponse })
  @ApiErrors(usernameTaken, reauthenticationRequired, tooManyRenames, databaseContended)
  async updateUsersMe(
    @CurrentPrincipal() principal: SessionPrincipal<Account>,
    @JsonBody() body: UserUpdate,
    @CurrentCaller() caller: Caller,
  ): Promise<ProfileResponse> {
    refuseCredentials(body, principal.user.email);
    return ProfileResponse.from(requirePresent(await this.profiles.update(principal, body, caller)));
  }
}

/** Responds as the next request would if the account was deleted after the token was verified. */
function requirePresent<T>(account: T | null): T {
  if (account === null) throw invalidToken();
  return account;
}
