import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenVerifier } from './access-token-verifier.js';
import { BearerVerifiers } from './bearer-verifiers.js';
import { LifetimeSettings } from './lifetime.settings.js';
import { signingOptions } from './signing-options.js';
import { TokenKeys } from './token-keys.js';
import { TokenSettings } from './token.settings.js';
import { TokenService } from './token-service.js';

/** Access tokens, and the verification of bearer tokens of every kind. */
@Module({
  imports: [
    DiscoveryModule,
    JwtModule.registerAsync({ inject: [TokenSettings, LifetimeSettings], useFactory: signingOptions }),
  ],
  providers: [AccessTokenVerifier, BearerVerifiers, TokenKeys, TokenService],
  exports: [AccessTokenVerifier, BearerVerifiers, TokenService],
})
export class TokensModule {}
