import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../../users/users.module.js';
import { AccountMailComposers } from './account-mail-composers.js';
import { AccountMailQueue } from './account-mail-queue.js';
import { LinkRequestLimits } from './link-request-limits.js';
import { LinkRequests } from './link-requests.js';
import { LinkTokenDeriver } from './link-token-deriver.js';
import { OneTimeToken } from './one-time-token.entity.js';
import { OneTimeTokensService } from './one-time-tokens.service.js';
import { SendLinkJob } from './send-link.job.js';

/** One-time links: creation, delivery and redemption. */
@Module({
  imports: [TypeOrmModule.forFeature([OneTimeToken]), UsersModule],
  providers: [
    AccountMailComposers,
    AccountMailQueue,
    SendLinkJob,
    LinkRequestLimits,
    LinkRequests,
    LinkTokenDeriver,
    OneTimeTokensService,
  ],
  exports: [AccountMailQueue, LinkRequestLimits, LinkRequests, OneTimeTokensService],
})
export class LinksModule {}
