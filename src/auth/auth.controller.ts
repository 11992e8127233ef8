import { Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.decorator.js';
import { Public } from '../access/public.decorator.js';
import { FormBody, JsonBody } from '../fastapi/body/body.decorators.js';
import { ErrorAnswers } from '../fastapi/openapi/error-answers.decorator.js';
import { databaseContended, databaseUnavailable } from '../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../platform/http/caller.js';
import { RateLimit } from '../platform/rate-limit/rate-limit.decorator.js';
import type { Account } from '../users/user.entity.js';
import { UserResponse } from '../users/user-response.dto.js';
import { emailTaken, usernameTaken } from '../users/users.errors.js';
import { inactiveUser, invalidCredentials, tooManyAttempts, tooManyRegistrations } from './auth.errors.js';
import { AuthService } from './auth.service.js';
import { LocalAuthGuard } from './guards/local-auth.guard.js';
import { LoginForm } from './login-form.dto.js';
import { LoginRequest } from './login-request.dto.js';
import { LOGIN_POLICY } from './login-throttle.js';
import { busy } from './passwords/hash-gate.errors.js';
import { REGISTER_POLICY, RegistrationService } from './registration.service.js';
import { TokenResponse } from './token-response.dto.js';
import { TokenService } from './tokens/token-service.js';
import { UserCreate } from './user-create.dto.js';

@ApiTags('auth')
@Public()
@Controller({ path: 'auth', version: '1' })
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registrations: RegistrationService,
    private readonly tokens: TokenService,
  ) {}

  @Post('register')
  @HttpCode(200)
  @RateLimit(REGISTER_POLICY)
  @ApiOperation({ description: 'Register a new user.' })
  @ApiOkResponse({ type: UserResponse })
  @ErrorAnswers(usernameTaken, emailTaken, tooManyRegistrations, busy, databaseUnavailable, databaseContended)
  async register(@JsonBody() body: UserCreate, @CurrentCaller() caller: Caller): Promise<UserResponse> {
    return UserResponse.from(await this.registrations.register(body, caller));
  }

  @Post('login')
  @HttpCode(200)
  @RateLimit(LOGIN_POLICY)
  @UseGuards(LocalAuthGuard)
  @ApiOperation({ description: 'OAuth2 compatible token login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswers(inactiveUser, invalidCredentials, tooManyAttempts, busy, databaseUnavailable)
  async login(@CurrentUser() user: Account, @FormBody() _form: LoginForm): Promise<TokenResponse> {
    return this.tokens.issue(user.id);
  }

  @Post('login-json')
  @HttpCode(200)
  @RateLimit(LOGIN_POLICY)
  @ApiOperation({ description: 'JSON login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswers(inactiveUser, invalidCredentials, tooManyAttempts, busy, databaseUnavailable)
  async loginJson(@JsonBody() body: LoginRequest, @CurrentCaller() caller: Caller): Promise<TokenResponse> {
    return this.auth.signIn(body, caller);
  }
}
