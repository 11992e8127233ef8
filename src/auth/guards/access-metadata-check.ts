import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCEPTS_TOKEN } from '../../access/optional-token.decorator.js';
import { describePermission } from '../../access/permissions.js';
import { IS_PUBLIC } from '../../access/public.decorator.js';
import { NEEDS_RECENT_SIGN_IN } from '../../access/recent-sign-in.decorator.js';
import { REQUIRED_PERMISSION } from '../../access/requires.decorator.js';

/** Checks the decorators `@Requires` and `@RecentSignIn` of every handler when the application starts. */
@Injectable()
export class AccessMetadataCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly methods: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws RangeError for an undefined permission, and for a requirement on a handler that needs no token */
  onModuleInit(): void {
    for (const { metatype } of this.discovery.getControllers()) this.check(metatype as Type);
  }

  private check(controller: Type): void {
    const prototype = controller.prototype as Record<string, () => unknown>;
    for (const name of this.methods.getAllMethodNames(prototype)) {
      const targets = [prototype[name] ?? controller, controller];
      this.checkHandler(`${controller.name}.${name}`, targets);
    }
  }

  private checkHandler(handler: string, targets: Parameters<Reflector['getAllAndOverride']>[1]): void {
    const read = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, targets);
    const permission = read<string>(REQUIRED_PERMISSION);
    const needsNoToken = Boolean(read(IS_PUBLIC) ?? read(ACCEPTS_TOKEN));
    if (needsNoToken && read(NEEDS_RECENT_SIGN_IN)) throw new RangeError(`${handler} requires a sign-in, but no token`);
    if (permission === undefined) return;
    if (describePermission(permission) === undefined) {
      throw new RangeError(`${handler} requires the permission ${permission}, which is not defined`);
    }
    if (needsNoToken) throw new RangeError(`${handler} requires the permission ${permission}, but no token`);
  }
}
