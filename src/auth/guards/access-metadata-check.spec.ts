/** @own-sources because it declares errors, permissions or limits */
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { OptionalToken } from '../../access/optional-token.decorator.js';
import { definePermission, describePermission, type Permission } from '../../access/permissions.js';
import { Public } from '../../access/public.decorator.js';
import { RecentSignIn } from '../../access/recent-sign-in.decorator.js';
import { Requires } from '../../access/requires.decorator.js';
import { AccessMetadataCheck } from './access-metadata-check.js';

const KNOWN = 'invoices:read' as Permission;
const UNKNOWN = 'invoices:shred' as Permission;

definePermission(KNOWN, 'Read all invoices');

@Controller()
class Known {
  @Get()
  @Requires(KNOWN)
  list(): void {}

  @Get('public')
  @Public()
  all(): void {}
}

@Controller()
class Unknown {
  @Get()
  @Requires(UNKNOWN)
  list(): void {}
}

@Requires(UNKNOWN)
@Controller()
class UnknownEverywhere {
  @Get()
  list(): void {}
}

@Public()
@Controller()
class Open {
  @Get()
  @Requires(KNOWN)
  list(): void {}
}

@Requires(KNOWN)
@Controller()
class OpenedMethod {
  @Get()
  @Public()
  list(): void {}
}

@Public()
@Controller()
class OpenToRecent {
  @Get()
  @RecentSignIn()
  list(): void {}
}

@Controller()
class WithoutToken {
  @Get()
  @OptionalToken()
  @Requires(KNOWN)
  list(): void {}
}

async function start(controller: Type): Promise<void> {
  @Module({ imports: [DiscoveryModule], controllers: [controller], providers: [AccessMetadataCheck] })
  class Root {}

  const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  await app.close();
}

describe('AccessMetadataCheck', () => {
  it('accepts an application whose permissions are defined', async () => {
    await expect(start(Known)).resolves.toBeUndefined();
  });

  it.each([[Unknown], [UnknownEverywhere]])('refuses an undefined permission: %p', async (controller) => {
    await expect(start(controller)).rejects.toThrow(
      `${controller.name}.list requires the permission invoices:shred, which is not defined`,
    );
  });

  it.each([[Open], [OpenedMethod], [WithoutToken]])(
    'refuses a permission on a handler that needs no token: %p',
    async (controller) => {
      await expect(start(controller)).rejects.toThrow(
        `${controller.name}.list requires the permission invoices:read, but no token`,
      );
    },
  );

  it('refuses a recent sign-in on a handler that needs no token', async () => {
    await expect(start(OpenToRecent)).rejects.toThrow('OpenToRecent.list requires a sign-in, but no token');
  });
});

describe('definePermission', () => {
  it('adds a description to the catalogue', () => {
    expect([describePermission(KNOWN), describePermission(UNKNOWN)]).toEqual(['Read all invoices', undefined]);
  });

  it('refuses a duplicate or malformed name', () => {
    expect(() => definePermission(KNOWN, 'Again')).toThrow('the permission invoices:read is defined twice');
    for (const name of ['invoices', 'invoices:', ':read', 'Invoices:read', 'invoices:read all', 'a:b:c', '']) {
      expect(() => definePermission(name as Permission, 'x')).toThrow(RangeError);
    }
  });
});
