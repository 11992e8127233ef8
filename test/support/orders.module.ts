import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { BearerTokenKind, type BearerVerifier, type ClientInfo } from '../../src/access/bearer-verifier.js';
import { CurrentPrincipal } from '../../src/access/current-principal.decorator.js';
import { definePermission, type Permission, permissionsOf } from '../../src/access/permissions.js';
import type { ApiKeyPrincipal, Principal } from '../../src/access/principal.js';
import { Requires } from '../../src/access/requires.decorator.js';
import { User } from '../../src/users/user.entity.js';
import { UsersModule } from '../../src/users/users.module.js';

declare module '../../src/access/permissions.js' {
  interface PermissionNames {
    'orders:read': true;
    'orders:cancel': true;
  }
}

definePermission('orders:read', 'Read all orders');
definePermission('orders:cancel', 'Cancel any order');

/** A second kind of bearer token: API keys that are kept in memory. */
@BearerTokenKind()
@Injectable()
export class OrderKeys implements BearerVerifier {
  /** The clients whose keys were verified. */
  readonly clients: ClientInfo[] = [];
  private readonly keys = new Map<string, { ownerId: number; scopes: Permission[] }>();

  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  issue(ownerId: number, scopes: Permission[]): string {
    const token = `key_${this.keys.size}`;
    this.keys.set(token, { ownerId, scopes });
    return token;
  }

  accepts(token: string): boolean {
    return token.startsWith('key_');
  }

  async verify(token: string, { address, userAgent }: ClientInfo): Promise<ApiKeyPrincipal | null> {
    this.clients.push({ address, userAgent });
    const key = this.keys.get(token);
    const user = key && (await this.users.findOneBy({ id: key.ownerId, isActive: true }));
    return user ? { kind: 'api-key', user, permissions: permissionsOf(user), keyId: token, scopes: key.scopes } : null;
  }
}

@Controller({ path: 'orders', version: '1' })
export class OrdersController {
  @Get()
  @Requires('orders:read')
  @ApiOperation({ description: 'List all orders.' })
  @ApiOkResponse()
  listOrders(@CurrentPrincipal() principal: Principal): unknown {
    return { kind: principal.kind, user: principal.user.id };
  }

  @Get('own')
  listOwnOrders(): string[] {
    return [];
  }
}

/** A controller with a permission for all its routes. */
@Requires('orders:cancel')
@Controller({ path: 'cancellations', version: '1' })
export class CancellationsController {
  @Get()
  listCancellations(): string[] {
    return [];
  }
}

/** A possible later feature, with its own permissions and its own kind of bearer token. */
@Module({
  imports: [UsersModule],
  controllers: [OrdersController, CancellationsController],
  providers: [OrderKeys],
})
export class OrdersModule {}
