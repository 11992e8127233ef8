import { createSecretKey, type KeyObject } from 'node:crypto';
import type { JwtModuleOptions } from '@nestjs/jwt';
import type { Environment } from '../../platform/config/environment.js';

/** The key as an object: from a string the library would first try to read a public key, at 480 µs for every token. */
export function signingKey({ SECRET_KEY }: Environment): KeyObject {
  return createSecretKey(Buffer.from(SECRET_KEY));
}

export function signingOptions(environment: Environment): JwtModuleOptions {
  return {
    secret: signingKey(environment),
    signOptions: {
      algorithm: environment.JWT_ALGORITHM,
      expiresIn: environment.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      issuer: environment.JWT_ISSUER,
      audience: environment.JWT_AUDIENCE,
    },
  };
}
