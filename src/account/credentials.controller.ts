import { Controller, HttpCode, Post, Put } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../access/current-principal.decorator.js';
import type { SessionPrincipal } from '../access/principal.js';
import { emailUnchanged, tooManyMessages } from '../auth/links/email.errors.js';
import { addressChangeLimit } from '../auth/links/link.limits.js';
import { overloaded } from '../auth/passwords/hashing/hash-queue.errors.js';
import { EmailChangeRequest } from '../auth/recovery/email-change-request.dto.js';
import { EmailChange } from '../auth/recovery/email-change.js';
import { MessageAccepted } from '../auth/recovery/message-accepted.dto.js';
import { wrongPassword } from '../auth/sign-in/factors/factor.errors.js';
import { tooManyAttempts } from '../auth/sign-in/sign-in.errors.js';
import { confirmationLimit } from '../auth/sign-in/sign-in.limits.js';
import { JsonBody } from '../fastapi/body/body.decorators.js';
import { ApiErrors } from '../fastapi/openapi/api-errors.decorator.js';
import { databaseContended, databaseUnavailable } from '../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../platform/http/caller.js';
import { RateLimit } from '../platform/rate-limit/rate-limit.decorator.js';
import type { Account } from '../users/user.entity.js';
import { emailTaken } from '../users/users.errors.js';
import { PasswordChangeRequest } from './password-change.dto.js';
import { PasswordChange } from './password-change.js';

const ACCEPTED = MessageAccepted.saying(
  'A confirmation link is on its way to the new address. The current address stays in use until you confirm.',
);

const SHARED = [overloaded, databaseUnavailable, databaseContended];

/** Changes of the password and the address, which require the current password. */
@ApiTags('users')
@Controller({ path: 'users/me', version: '1' })
export class CredentialsController {
  constructor(
    private readonly passwords: PasswordChange,
    private readonly emails: EmailChange,
  ) {}

  @Put('password')
  @HttpCode(204)
  @RateLimit(confirmationLimit)
  @ApiOperation({ description: 'Change the password and end all other sessions.' })
  @ApiNoContentResponse()
  @ApiErrors(wrongPassword, tooManyAttempts, ...SHARED)
  async changePassword(
    @CurrentPrincipal() principal: SessionPrincipal<Account>,
    @JsonBody() body: PasswordChangeRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    await this.passwords.change(principal, body, caller);
  }

  @Post('email')
  @HttpCode(202)
  @RateLimit(confirmationLimit, addressChangeLimit)
  @ApiOperation({ description: 'Send a confirmation link to a new address.' })
  @ApiAcceptedResponse({ type: MessageAccepted })
  @ApiErrors(wrongPassword, emailUnchanged, emailTaken, tooManyAttempts, tooManyMessages, ...SHARED)
  async changeEmail(
    @CurrentPrincipal() principal: SessionPrincipal<Account>,
    @JsonBody() body: EmailChangeRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<MessageAccepted> {
    await this.emails.request(principal, body, caller);
    return ACCEPTED;
  }
}
