import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { decoratedMethods } from '../platform/discovery/decorated-methods.js';
import { DeclaredComposer } from './mail-composer.decorator.js';
import { type ComposeFunction, MailComposers } from './mail-composers.js';
import { MAIL_TEMPLATES, type MailTemplate } from './messages/mail-variables.js';

/** Registers the `@MailComposer` methods of all modules and checks that every message has one. */
@Injectable()
export class ComposerDiscovery implements OnModuleInit {
  constructor(
    private readonly composers: MailComposers,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error for a template with two composers or none */
  onModuleInit(): void {
    const declared = decoratedMethods<{ template: MailTemplate }, ComposeFunction>(
      DeclaredComposer,
      this.discovery,
      this.scanner,
    );
    for (const { options, method } of declared) this.composers.register(options.template, method);
    const missing = MAIL_TEMPLATES.filter((template) => !this.composers.get(template));
    if (missing.length > 0) throw new Error(`No composer for the message ${missing.join(', ')}.`);
  }
}
