import { Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../../access/current-user.decorator.js';
import { noteUser } from '../../access/note-user.js';
import { Public } from '../../access/public.decorator.js';
import { FormBody, JsonBody } from '../../fastapi/body/body.decorators.js';
import { ErrorAnswers } from '../../fastapi/openapi/error-answers.decorator.js';
import { databaseContended, databaseUnavailable } from '../../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../../platform/http/caller.js';
import { RateLimit } from '../../platform/rate-limit/rate-limit.decorator.js';
import type { User } from '../../users/user.entity.js';
import { UserResponse } from '../../users/user-response.dto.js';
import { emailTaken, usernameTaken } from '../../users/users.errors.js';
import { inactiveUser, invalidCredentials, tooManyAttempts, tooManyRegistrations } from './sign-in.errors.js';
import { loginLimit, registrationLimit } from './sign-in.limits.js';
import { AuthService } from './auth.service.js';
import { emailNotVerified } from '../links/email.errors.js';
import { LocalAuthGuard } from './local-auth.guard.js';
import { LoginForm } from './login-form.dto.js';
import { LoginRequest } from './login-request.dto.js';
import { busy } from '../passwords/hashing/hash-gate.errors.js';
import { RegistrationService } from './registration.service.js';
import { AuthMode } from '../sessions/auth-mode.decorator.js';
import { RefreshCookie } from '../sessions/refresh-cookie.js';
import { CookieModeGuard } from '../sessions/refresh-token.guards.js';
import { cookieModeOff, originRefused } from '../sessions/session.errors.js';
import { TokenResponse } from '../tokens/token-response.dto.js';
import { UserCreate } from './user-create.dto.js';

/** The last two where a cookie is asked for. */
const SIGN_IN_ERRORS = [
  emailNotVerified,
  inactiveUser,
  invalidCredentials,
  tooManyAttempts,
  busy,
  databaseUnavailable,
  databaseContended,
  cookieModeOff,
  originRefused,
] as const;

@ApiTags('auth')
@Public()
@Controller({ path: 'auth', version: '1' })
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly registrations: RegistrationService,
    private readonly cookie: RefreshCookie,
  ) {}

  @Post('register')
  @HttpCode(200)
  @RateLimit(registrationLimit)
  @ApiOperation({ description: 'Register a new user.' })
  @ApiOkResponse({ type: UserResponse })
  @ErrorAnswers(usernameTaken, emailTaken, tooManyRegistrations, busy, databaseUnavailable, databaseContended)
  async register(@JsonBody() body: UserCreate, @CurrentCaller() caller: Caller): Promise<UserResponse> {
    return UserResponse.from(await this.registrations.register(body, caller));
  }

  @Post('login')
  @HttpCode(200)
  @RateLimit(loginLimit)
  @UseGuards(CookieModeGuard, LocalAuthGuard)
  @AuthMode()
  @ApiOperation({ description: 'OAuth2 compatible token login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswers(...SIGN_IN_ERRORS)
  async login(
    @CurrentUser() user: User,
    @FormBody() form: LoginForm,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const { tokens } = await this.auth.open(user, form, caller, this.cookie.sessionsOf(request));
    return this.cookie.deliver(request, reply, tokens);
  }

  @Post('login-json')
  @HttpCode(200)
  @RateLimit(loginLimit)
  @UseGuards(CookieModeGuard)
  @AuthMode()
  @ApiOperation({ description: 'JSON login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswers(...SIGN_IN_ERRORS)
  async loginJson(
    @JsonBody() body: LoginRequest,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const { userId, tokens } = await this.auth.signIn(body, caller, this.cookie.sessionsOf(request));
    noteUser(request, userId);
    return this.cookie.deliver(request, reply, tokens);
  }
}
