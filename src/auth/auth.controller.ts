import { Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.decorator.js';
import { Public } from '../access/public.decorator.js';
import { FormBody, JsonBody } from '../fastapi/body/body.decorators.js';
import { ErrorAnswer, UnavailableAnswer } from '../fastapi/openapi/error-answers.decorator.js';
import type { Account } from '../users/user.entity.js';
import { UserResponse } from '../users/user-response.dto.js';
import { AuthService } from './auth.service.js';
import { LocalAuthGuard } from './guards/local-auth.guard.js';
import { LoginForm } from './login-form.dto.js';
import { LoginRequest } from './login-request.dto.js';
import { TokenResponse } from './token-response.dto.js';
import { TokenService } from './tokens/token-service.js';
import { UserCreate } from './user-create.dto.js';

@ApiTags('auth')
@Public()
@Controller({ path: 'auth', version: '1' })
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly tokens: TokenService,
  ) {}

  @Post('register')
  @HttpCode(200)
  @ApiOperation({ description: 'Register a new user.' })
  @ApiOkResponse({ type: UserResponse })
  @ErrorAnswer(400, 'The username or the e-mail address is taken', 'Username already registered')
  @UnavailableAnswer()
  async register(@JsonBody() body: UserCreate): Promise<UserResponse> {
    return UserResponse.from(await this.auth.register(body));
  }

  @Post('login')
  @HttpCode(200)
  @UseGuards(LocalAuthGuard)
  @ApiOperation({ description: 'OAuth2 compatible token login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswer(400, 'The account is disabled', 'Inactive user')
  @ErrorAnswer(401, 'The username or the password is wrong', 'Incorrect username or password')
  @UnavailableAnswer()
  async login(@CurrentUser() user: Account, @FormBody() _form: LoginForm): Promise<TokenResponse> {
    return this.tokens.issue(user.id);
  }

  @Post('login-json')
  @HttpCode(200)
  @ApiOperation({ description: 'JSON login.' })
  @ApiOkResponse({ type: TokenResponse })
  @ErrorAnswer(400, 'The account is disabled', 'Inactive user')
  @ErrorAnswer(401, 'The username or the password is wrong', 'Incorrect username or password')
  @UnavailableAnswer()
  async loginJson(@JsonBody() { username, password }: LoginRequest): Promise<TokenResponse> {
    return this.auth.signIn(username, password);
  }
}
