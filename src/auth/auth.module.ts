import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { Environment } from '../platform/config/environment.js';
import { UsersModule } from '../users/users.module.js';
import { AuthMetrics } from './auth-metrics.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { LoginThrottle } from './login-throttle.js';
import { HashGate } from './passwords/hash-gate.js';
import { HashMetrics } from './passwords/hash-metrics.js';
import { HashThreads } from './passwords/hash-threads.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PrincipalLoader } from './principal-loader.js';
import { RegistrationService } from './registration.service.js';
import { JwtStrategy } from './strategies/jwt.strategy.js';
import { LocalStrategy } from './strategies/local.strategy.js';
import { signingOptions } from './tokens/signing-options.js';
import { TokenService } from './tokens/token-service.js';

@Module({
  imports: [
    UsersModule,
    PassportModule,
    JwtModule.registerAsync({ inject: [Environment], useFactory: signingOptions }),
  ],
  controllers: [AuthController],
  providers: [
    AuthService,
    AuthMetrics,
    LoginThrottle,
    RegistrationService,
    TokenService,
    HashGate,
    HashMetrics,
    HashThreads,
    PasswordHasher,
    PrincipalLoader,
    JwtStrategy,
    LocalStrategy,
  ],
})
export class AuthModule {}
