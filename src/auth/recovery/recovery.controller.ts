import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../access/public.decorator.js';
import { JsonBody } from '../../fastapi/body/body.decorators.js';
import { ApiErrors } from '../../fastapi/openapi/api-errors.decorator.js';
import { databaseContended, databaseUnavailable } from '../../platform/database/database-errors.js';
import { type Caller, CurrentCaller } from '../../platform/http/caller.js';
import { RateLimit } from '../../platform/rate-limit/rate-limit.decorator.js';
import { emailTaken } from '../../users/users.errors.js';
import { tooManyMessages } from '../links/email.errors.js';
import { LinkRequests } from '../links/link-requests.js';
import { LinkToken } from '../links/link-token.dto.js';
import { linkRequestLimit } from '../links/link.limits.js';
import { invalidLink } from '../links/one-time-token.errors.js';
import { overloaded } from '../passwords/hashing/hash-queue.errors.js';
import { EmailAddress } from './email-address.dto.js';
import { EmailVerification } from './email-verification.js';
import { MessageAccepted } from './message-accepted.dto.js';
import { PasswordResetRequest } from './password-reset.dto.js';
import { PasswordReset } from './password-reset.js';

/** The same answer whether or not the account exists. */
const ACCEPTED = MessageAccepted.saying('If there is such an account, a message is on its way.');

/** What people do who are not signed in, by their address and by the links that are sent to it. */
@ApiTags('auth')
@Public()
@Controller({ path: 'auth', version: '1' })
export class RecoveryController {
  constructor(
    private readonly requests: LinkRequests,
    private readonly resets: PasswordReset,
    private readonly verification: EmailVerification,
  ) {}

  @Post('forgot-password')
  @HttpCode(202)
  @RateLimit(linkRequestLimit)
  @ApiOperation({ description: 'Have a link sent that sets a new password.' })
  @ApiAcceptedResponse({ type: MessageAccepted })
  @ApiErrors(tooManyMessages, databaseUnavailable, databaseContended)
  async forgotPassword(@JsonBody() { email }: EmailAddress, @CurrentCaller() caller: Caller): Promise<MessageAccepted> {
    await this.requests.enqueue('password_reset', email, caller);
    return ACCEPTED;
  }

  @Post('reset-password')
  @HttpCode(204)
  @ApiOperation({ description: 'Set a new password by the token of a link. Every session ends; nobody is signed in.' })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, overloaded, databaseUnavailable, databaseContended)
  async resetPassword(@JsonBody() body: PasswordResetRequest, @CurrentCaller() caller: Caller): Promise<void> {
    await this.resets.reset(body, caller);
  }

  @Post('resend-verification')
  @HttpCode(202)
  @RateLimit(linkRequestLimit)
  @ApiOperation({ description: 'Have another link sent that verifies the address of an account.' })
  @ApiAcceptedResponse({ type: MessageAccepted })
  @ApiErrors(tooManyMessages, databaseUnavailable, databaseContended)
  async resendVerification(
    @JsonBody() { email }: EmailAddress,
    @CurrentCaller() caller: Caller,
  ): Promise<MessageAccepted> {
    await this.requests.enqueue('email_verification', email, caller);
    return ACCEPTED;
  }

  @Post('verify-email')
  @HttpCode(204)
  @ApiOperation({ description: 'Verify the address of an account by the token of a link.' })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, databaseUnavailable, databaseContended)
  async verifyEmail(@JsonBody() { token }: LinkToken, @CurrentCaller() caller: Caller): Promise<void> {
    await this.verification.verifyEmail(token, caller);
  }

  @Post('confirm-email')
  @HttpCode(204)
  @ApiOperation({ description: 'Confirm the new address of an account by the token of the link that was sent to it.' })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, emailTaken, databaseUnavailable, databaseContended)
  async confirmEmail(@JsonBody() { token }: LinkToken, @CurrentCaller() caller: Caller): Promise<void> {
    await this.verification.confirmEmailChange(token, caller);
  }
}
