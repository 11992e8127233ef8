import type { JwtModuleOptions } from '@nestjs/jwt';
import type { Environment } from '../../platform/config/environment.js';
import { keyObject } from './verification-keys.js';

export function signingOptions(environment: Environment): JwtModuleOptions {
  return {
    secret: keyObject(environment.SECRET_KEY),
    signOptions: {
      algorithm: environment.JWT_ALGORITHM,
      expiresIn: environment.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      issuer: environment.JWT_ISSUER,
      audience: environment.JWT_AUDIENCE,
    },
  };
}
