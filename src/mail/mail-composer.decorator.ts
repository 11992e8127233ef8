import { DiscoveryService } from '@nestjs/core';
import type { DecoratorOf } from '../platform/discovery/decorated-methods.js';
import type { ComposeFunction } from './mail-composers.js';
import type { MailTemplate } from './messages/mail-variables.js';

/** Marks the methods that compose messages. Applied by `MailComposer` only. */
export const DeclaredComposer = DiscoveryService.createDecorator<{ template: MailTemplate }>();

/** The method composes the messages of this template. Its class must be a provider, and a singleton. */
export function MailComposer<Template extends MailTemplate>(
  template: Template,
): DecoratorOf<ComposeFunction<Template>> {
  return DeclaredComposer({ template });
}
