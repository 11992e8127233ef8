import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { TAKES_TOKEN } from '../../access/optional-token.decorator.js';
import { describePermission } from '../../access/permissions.js';
import { IS_PUBLIC } from '../../access/public.decorator.js';
import { REQUIRED_PERMISSION } from '../../access/requires.decorator.js';

/** Checks the `@Requires` of every handler at the start of the application. */
@Injectable()
export class PermissionCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly methods: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws RangeError for a permission that no feature has defined, and for one on a handler that needs no token */
  onModuleInit(): void {
    for (const { metatype } of this.discovery.getControllers()) this.check(metatype as Type);
  }

  private check(controller: Type): void {
    const prototype = controller.prototype as Record<string, () => unknown>;
    for (const name of this.methods.getAllMethodNames(prototype)) {
      const places = [prototype[name] ?? controller, controller];
      const permission = this.reflector.getAllAndOverride<string | undefined>(REQUIRED_PERMISSION, places);
      if (permission === undefined) continue;
      const where = `${controller.name}.${name}`;
      if (describePermission(permission) === undefined) {
        throw new RangeError(`${where} requires the permission ${permission}, which is not defined`);
      }
      if ([IS_PUBLIC, TAKES_TOKEN].some((key) => this.reflector.getAllAndOverride<unknown>(key, places))) {
        throw new RangeError(`${where} requires the permission ${permission}, but no token`);
      }
    }
  }
}
