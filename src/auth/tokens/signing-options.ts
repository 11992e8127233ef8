import type { JwtModuleOptions } from '@nestjs/jwt';
import { accessTokenSeconds, type LifetimeSettings } from './lifetime.settings.js';
import type { TokenSettings } from './token.settings.js';

/** Options for signing access tokens, except for the key. */
export function signingOptions(tokens: TokenSettings, lifetimes: LifetimeSettings): JwtModuleOptions {
  return {
    signOptions: {
      algorithm: tokens.JWT_ALGORITHM,
      expiresIn: accessTokenSeconds(lifetimes),
      issuer: tokens.JWT_ISSUER,
      audience: tokens.JWT_AUDIENCE,
    },
  };
}
