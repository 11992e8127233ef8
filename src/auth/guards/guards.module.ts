import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Authentication of requests. */
@Module({ imports: [SessionsModule, TokensModule], providers: [JwtStrategy] })
export class GuardsModule {}
