import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.decorator.js';
import type { Account } from './user.entity.js';
import { UserResponse } from './user-response.dto.js';

@ApiTags('users')
@Controller({ path: 'users', version: '1' })
export class UsersController {
  @Get('me')
  @ApiOperation({ description: 'Get current user.' })
  @ApiOkResponse({ type: UserResponse })
  readUsersMe(@CurrentUser() user: Account): UserResponse {
    return UserResponse.from(user);
  }
}
