import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../../users/users.module.js';
import { AccountMailComposers } from './account-mail-composers.js';
import { AccountMails } from './account-mail-queue.js';
import { LinkRequestLimits } from './link-request-limits.js';
import { LinkRequests } from './link-requests.js';
import { LinkSecrets } from './link-token-deriver.js';
import { OneTimeToken } from './one-time-token.entity.js';
import { OneTimeTokens } from './one-time-tokens.service.js';
import { LinkJob } from './send-link.job.js';

/** One-time links: issued, sent and redeemed. */
@Module({
  imports: [TypeOrmModule.forFeature([OneTimeToken]), UsersModule],
  providers: [AccountMailComposers, AccountMails, LinkJob, LinkRequestLimits, LinkRequests, LinkSecrets, OneTimeTokens],
  exports: [AccountMails, LinkRequestLimits, LinkRequests, OneTimeTokens],
})
export class LinksModule {}
