import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JobSettings } from '../jobs/job.settings.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { MailSettings } from './settings/mail.settings.js';
import { AddressKeys } from './address-keys.js';
import { ComposerDiscovery } from './composer-discovery.js';
import { MailBudgets } from './mail-budgets.js';
import { MailComposers } from './mail-composers.js';
import { MAIL_TRANSPORT, MailDelivery } from './mail-delivery.js';
import { MailFilesPurge } from './mail-files-purge.js';
import { MailMetrics } from './mail-metrics.js';
import { MailSender } from './mail-sender.js';
import { Mails } from './mails.js';
import { MailRenderer } from './messages/mail-renderer.js';
import { MailPreviewController } from './preview/mail-preview.controller.js';
import { mailTransportOf } from './transports/mail-transport-of.js';

@Module({})
export class MailModule {
  /** The previews are there under DEBUG alone: their routes do not exist elsewhere. */
  static forRoot({ DEBUG }: PlatformSettings): DynamicModule {
    return {
      module: MailModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: DEBUG ? [MailPreviewController] : [],
      providers: [
        Mails,
        AddressKeys,
        MailBudgets,
        ComposerDiscovery,
        MailComposers,
        MailDelivery,
        MailMetrics,
        MailRenderer,
        MailSender,
        MailFilesPurge,
        {
          provide: MAIL_TRANSPORT,
          inject: [MailSettings, PlatformSettings, JobSettings],
          useFactory: mailTransportOf,
        },
      ],
      exports: [Mails, AddressKeys],
    };
  }
}
