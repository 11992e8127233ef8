import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Environment } from '../../platform/config/environment.js';
import { signingOptions } from './signing-options.js';
import { TokenService } from './token-service.js';

/** Access tokens. */
@Module({
  imports: [JwtModule.registerAsync({ inject: [Environment], useFactory: signingOptions })],
  providers: [TokenService],
  exports: [TokenService],
})
export class TokensModule {}
