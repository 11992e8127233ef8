import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../access/public.decorator.js';
import { setRequestUser } from '../../access/request-user.js';
import { FormBody, JsonBody } from '../../fastapi/body/body.decorators.js';
import { ApiErrors } from '../../fastapi/openapi/api-errors.decorator.js';
import { databaseContended, databaseUnavailable } from '../../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../../platform/http/caller.js';
import { forbidden } from '../../platform/http/http.errors.js';
import { RateLimit } from '../../platform/rate-limit/rate-limit.decorator.js';
import { UserResponse } from '../../users/user-response.dto.js';
import { emailTaken, usernameTaken } from '../../users/users.errors.js';
import { emailNotVerified } from '../links/email.errors.js';
import { overloaded } from '../passwords/hashing/hash-queue.errors.js';
import { AuthMode } from '../sessions/auth-mode.decorator.js';
import type { TokenDelivery } from '../sessions/refresh-cookie.js';
import { CookieModeGuard, Delivery } from '../sessions/refresh-token.guards.js';
import { cookieModeOff, originRefused } from '../sessions/session.errors.js';
import { TokenResponse } from '../tokens/token-response.dto.js';
import type { FirstProof } from './factors/factor.js';
import { LocalAuthGuard, ProofOfForm } from './local.strategy.js';
import { LoginForm } from './login-form.dto.js';
import { LoginRequest } from './login-request.dto.js';
import { PasswordSignIn } from './password-sign-in.js';
import { RegistrationService } from './registration.service.js';
import { inactiveUser, invalidCredentials, tooManyAttempts, tooManyRegistrations } from './sign-in.errors.js';
import { SignInFlow } from './sign-in.flow.js';
import { loginLimit, registrationLimit } from './sign-in.limits.js';
import { UserCreate } from './user-create.dto.js';

/** The last two apply to cookie mode. */
const SIGN_IN_ERRORS = [
  emailNotVerified,
  inactiveUser,
  invalidCredentials,
  tooManyAttempts,
  overloaded,
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
    private readonly password: PasswordSignIn,
    private readonly flow: SignInFlow,
    private readonly registrations: RegistrationService,
  ) {}

  @Post('register')
  @HttpCode(200)
  @RateLimit(registrationLimit)
  @ApiOperation({ description: 'Register a new user.' })
  @ApiOkResponse({ type: UserResponse })
  @ApiErrors(usernameTaken, emailTaken, tooManyRegistrations, overloaded, databaseUnavailable, databaseContended)
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
  @ApiErrors(...SIGN_IN_ERRORS)
  async login(
    @ProofOfForm() proof: FirstProof,
    @FormBody() _form: LoginForm,
    @CurrentCaller() caller: Caller,
    @Delivery() delivery: TokenDelivery,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    return this.signIn(proof, caller, delivery, request);
  }

  @Post('login-json')
  @HttpCode(200)
  @RateLimit(loginLimit)
  @UseGuards(CookieModeGuard)
  @AuthMode()
  @ApiOperation({ description: 'JSON login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ApiErrors(...SIGN_IN_ERRORS)
  async loginJson(
    @JsonBody() body: LoginRequest,
    @CurrentCaller() caller: Caller,
    @Delivery() delivery: TokenDelivery,
    @Req() request: FastifyRequest,
  ): Promise<TokenResponse> {
    return this.signIn(await this.password.verify(body, caller), caller, delivery, request);
  }

  /** The contract of these routes has no response for a challenge, so accounts with a second factor cannot use them. */
  private async signIn(
    proof: FirstProof,
    caller: Caller,
    delivery: TokenDelivery,
    request: FastifyRequest,
  ): Promise<TokenResponse> {
    const result = await this.flow.start(proof, { caller, replaced: delivery.replaced });
    if ('challenge' in result)
      throw forbidden({ detail: 'This account requires another factor, which this endpoint does not support.' });
    const { userId, tokens } = result.session;
    setRequestUser(request, userId);
    return delivery.deliver(tokens);
  }
}
