import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TokensModule } from '../tokens/tokens.module.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PermissionCheck } from './permission-check.js';

/** Authentication and permissions of requests. */
@Module({ imports: [DiscoveryModule, TokensModule], providers: [JwtStrategy, PermissionCheck] })
export class GuardsModule {}
