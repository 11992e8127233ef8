import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../../access/current-principal.decorator.js';
import type { SessionPrincipal } from '../../access/principal.js';
import { JsonBody } from '../../fastapi/body/body.decorators.js';
import { ApiErrors } from '../../fastapi/openapi/api-errors.decorator.js';
import { databaseContended } from '../../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../../platform/http/caller.js';
import { RateLimit } from '../../platform/rate-limit/rate-limit.decorator.js';
import { overloaded } from '../passwords/hashing/hash-queue.errors.js';
import { wrongPassword } from './factors/factor.errors.js';
import { passwordAnswer } from './factors/password.factor.js';
import { ReauthenticationRequest } from './reauthentication.dto.js';
import { Reauthentication } from './reauthentication.js';
import { tooManyAttempts } from './sign-in.errors.js';
import { confirmationLimit } from './sign-in.limits.js';

@ApiTags('auth')
@Controller({ path: 'auth', version: '1' })
export class ReauthenticationController {
  constructor(private readonly reauthentication: Reauthentication) {}

  @Post('reauthenticate')
  @HttpCode(204)
  @RateLimit(confirmationLimit)
  @ApiOperation({ description: 'Confirm the password before a request that requires a recent sign-in.' })
  @ApiNoContentResponse()
  @ApiErrors(wrongPassword, tooManyAttempts, overloaded, databaseContended)
  async reauthenticate(
    @CurrentPrincipal() principal: SessionPrincipal,
    @JsonBody() { password }: ReauthenticationRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.reauthentication.renew(principal, passwordAnswer(password), caller);
  }
}
