import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JobSettings } from '../jobs/job.settings.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { AddressHasher } from './address-hasher.js';
import { ComposerDiscovery } from './composer-discovery.js';
import { MailComposers } from './mail-composers.js';
import { MAIL_TRANSPORT, MailDelivery } from './mail-delivery.js';
import { MailFilesPurge } from './mail-files-purge.js';
import { MailLimits } from './mail-limits.js';
import { MailMetrics } from './mail-metrics.js';
import { MailQueue } from './mail-queue.js';
import { MailSender } from './mail-sender.js';
import { MailRenderer } from './messages/mail-renderer.js';
import { MailPreviewController } from './preview/mail-preview.controller.js';
import { MailSettings } from './settings/mail.settings.js';
import { createMailTransport } from './transports/create-mail-transport.js';

@Module({})
export class MailModule {
  /** The routes of the previews exist only with DEBUG=True. */
  static forRoot({ DEBUG }: PlatformSettings): DynamicModule {
    return {
      module: MailModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: DEBUG ? [MailPreviewController] : [],
      providers: [
        MailQueue,
        AddressHasher,
        MailLimits,
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
          useFactory: createMailTransport,
        },
      ],
      exports: [MailQueue, AddressHasher],
    };
  }
}
