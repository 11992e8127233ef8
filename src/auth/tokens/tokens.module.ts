import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenVerifier } from './access-token-verifier.js';
import { BearerVerifiers } from './bearer-verifiers.js';
import { LifetimeSettings } from './lifetime.settings.js';
import { SigningKeys } from './signing-keys.js';
import { signingOptions } from './signing-options.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenSettings } from './token.settings.js';

/** Access tokens and the verification of bearer tokens of every kind. */
@Module({
  imports: [
    DiscoveryModule,
    JwtModule.registerAsync({ inject: [TokenSettings, LifetimeSettings], useFactory: signingOptions }),
  ],
  providers: [AccessTokenVerifier, BearerVerifiers, SigningKeys, TokenIssuer],
  exports: [AccessTokenVerifier, BearerVerifiers, TokenIssuer],
})
export class TokensModule {}
