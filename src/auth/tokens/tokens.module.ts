import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Environment } from '../../platform/config/environment.js';
import { signingOptions } from './signing-options.js';
import { TokenKeys } from './token-keys.js';
import { TokenService } from './token-service.js';

/** Access tokens. */
@Module({
  imports: [JwtModule.registerAsync({ inject: [Environment], useFactory: signingOptions })],
  providers: [TokenKeys, TokenService],
  exports: [TokenKeys, TokenService],
})
export class TokensModule {}
