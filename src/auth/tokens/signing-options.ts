import { type JwtModuleOptions, JwtSecretRequestType } from '@nestjs/jwt';
import type { Environment } from '../../platform/config/environment.js';
import { accessTokenSeconds } from '../../platform/config/lifetimes.js';
import { keyObject, VerificationKeys } from './verification-keys.js';

/** How access tokens are signed and verified. */
export function signingOptions(environment: Environment): JwtModuleOptions {
  const { JWT_ALGORITHM: algorithm, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = environment;
  const signingKey = keyObject(environment.SECRET_KEY);
  const keys = new VerificationKeys(environment);
  return {
    secretOrKeyProvider: (type, token) =>
      type === JwtSecretRequestType.VERIFY && typeof token === 'string' ? keys.keyFor(token) : signingKey,
    signOptions: { algorithm, expiresIn: accessTokenSeconds(environment), issuer, audience },
    verifyOptions: { algorithms: [algorithm], issuer, audience },
  };
}
