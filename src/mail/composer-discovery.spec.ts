import { Injectable, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { ComposerDiscovery } from './composer-discovery.js';
import { MailComposer } from './mail-composer.decorator.js';
import { type Composed, MailComposers } from './mail-composers.js';

@Injectable()
class Welcome {
  @MailComposer('welcome')
  async compose(): Promise<Composed<'welcome'> | null> {
    return null;
  }
}

@Injectable()
class SecondWelcome {
  @MailComposer('welcome')
  async compose(): Promise<Composed<'welcome'> | null> {
    return null;
  }
}

async function start(...providers: Provider[]): Promise<void> {
  class Root {}
  Module({ imports: [DiscoveryModule], providers: [MailComposers, ComposerDiscovery, ...providers] })(Root);
  await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
}

describe('ComposerDiscovery', () => {
  it('fails the start if a message has two composers', async () => {
    await expect(start(Welcome, SecondWelcome)).rejects.toThrow('The message welcome has two composers.');
  });

  it('fails the start if messages have no composer', async () => {
    await expect(start(Welcome)).rejects.toThrow(/^No composer for the message verify-email, reset-password, /);
  });
});
