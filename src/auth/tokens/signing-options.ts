import type { JwtModuleOptions } from '@nestjs/jwt';
import type { Environment } from '../../platform/config/environment.js';
import { accessTokenSeconds } from '../../platform/config/lifetimes.js';
import { keyObject } from './verification-keys.js';

export function signingOptions(environment: Environment): JwtModuleOptions {
  return {
    secret: keyObject(environment.SECRET_KEY),
    signOptions: {
      algorithm: environment.JWT_ALGORITHM,
      expiresIn: accessTokenSeconds(environment),
      issuer: environment.JWT_ISSUER,
      audience: environment.JWT_AUDIENCE,
    },
  };
}
