import type { JwtModuleOptions } from '@nestjs/jwt';
import type { Environment } from '../../platform/config/environment.js';
import { accessTokenSeconds } from '../../platform/config/lifetimes.js';

/** What all access tokens have in common, except for the key. */
export function signingOptions(environment: Environment): JwtModuleOptions {
  return {
    signOptions: {
      algorithm: environment.JWT_ALGORITHM,
      expiresIn: accessTokenSeconds(environment),
      issuer: environment.JWT_ISSUER,
      audience: environment.JWT_AUDIENCE,
    },
  };
}
