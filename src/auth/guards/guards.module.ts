import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TokensModule } from '../tokens/tokens.module.js';
import { AccessMetadataCheck } from './access-metadata-check.js';
import { JwtStrategy } from './jwt.strategy.js';

/** The providers of the authentication and access guards. */
@Module({ imports: [DiscoveryModule, TokensModule], providers: [JwtStrategy, AccessMetadataCheck] })
export class GuardsModule {}
