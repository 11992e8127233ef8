import { DiscoveryService } from '@nestjs/core';
import type { DecoratorOf } from '../platform/discovery/decorated-methods.js';
import type { ComposeFunction } from './mail-composers.js';
import type { MailTemplate } from './messages/mail-variables.js';

/** The metadata of a composer. Only `MailComposer` applies it. */
export const DeclaredComposer = DiscoveryService.createDecorator<{ template: MailTemplate }>();

/** Declares the method that composes the messages of a template. Its class must be a singleton provider. */
export function MailComposer<Template extends MailTemplate>(
  template: Template,
): DecoratorOf<ComposeFunction<Template>> {
  return DeclaredComposer({ template });
}
