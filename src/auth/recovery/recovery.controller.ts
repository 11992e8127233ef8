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

/** The same response whether or not an account exists. */
const ACCEPTED = MessageAccepted.saying('If this address belongs to an account, a message is on its way.');

/** Routes for users who are not signed in: requests for links, and their redemption. */
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
  @ApiOperation({ description: 'Request a message with a link to set a new password.' })
  @ApiAcceptedResponse({ type: MessageAccepted })
  @ApiErrors(tooManyMessages, databaseUnavailable, databaseContended)
  async forgotPassword(@JsonBody() { email }: EmailAddress, @CurrentCaller() caller: Caller): Promise<MessageAccepted> {
    await this.requests.enqueue('password_reset', email, caller);
    return ACCEPTED;
  }

  @Post('reset-password')
  @HttpCode(204)
  @ApiOperation({
    description: 'Set a new password with the token of a link. This ends every session and does not sign the user in.',
  })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, overloaded, databaseUnavailable, databaseContended)
  async resetPassword(@JsonBody() body: PasswordResetRequest, @CurrentCaller() caller: Caller): Promise<void> {
    await this.resets.reset(body, caller);
  }

  @Post('resend-verification')
  @HttpCode(202)
  @RateLimit(linkRequestLimit)
  @ApiOperation({ description: 'Request another message with a link to verify the address of an account.' })
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
  @ApiOperation({ description: 'Verify the address of an account with the token of a link.' })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, databaseUnavailable, databaseContended)
  async verifyEmail(@JsonBody() { token }: LinkToken, @CurrentCaller() caller: Caller): Promise<void> {
    await this.verification.verifyEmail(token, caller);
  }

  @Post('confirm-email')
  @HttpCode(204)
  @ApiOperation({
    description: 'Confirm the new address of an account with the token of the link that was sent to that address.',
  })
  @ApiNoContentResponse()
  @ApiErrors(invalidLink, emailTaken, databaseUnavailable, databaseContended)
  async confirmEmail(@JsonBody() { token }: LinkToken, @CurrentCaller() caller: Caller): Promise<void> {
    await this.verification.confirmEmailChange(token, caller);
  }
}
