import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Permission } from '../../access/permissions.js';
import { hasPermission, type Principal } from '../../access/principal.js';
import { REQUIRED_PERMISSION } from '../../access/requires.decorator.js';
import { permissionDenied } from '../../fastapi/errors/fastapi.errors.js';

/** Checks the permission of `@Requires`. Handlers without one refuse API keys, because no scope covers them. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): true {
    const { user: principal } = context.switchToHttp().getRequest<{ user: Principal | null }>();
    const permission = this.reflector.getAllAndOverride<Permission | undefined>(REQUIRED_PERMISSION, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!isAllowed(principal, permission)) throw permissionDenied();
    return true;
  }
}

/** @param principal null on handlers that need no token, which cannot require a permission */
function isAllowed(principal: Principal | null, permission: Permission | undefined): boolean {
  if (permission === undefined) return principal?.kind !== 'api-key';
  return principal !== null && hasPermission(principal, permission);
}
