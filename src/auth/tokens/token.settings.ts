import { IsIn, Matches } from 'class-validator';
import type { JwtAlgorithm } from '../../platform/config/signing-key.js';
import { Variable } from '../../platform/config/variable.decorator.js';

/** Settings of access tokens. */
export class TokenSettings {
  @Variable({
    group: 'Tokens and passwords',
    about: 'Signature algorithm of the access tokens.',
    expected: 'HS256, HS384 or HS512',
    default: 'HS256',
  })
  @IsIn(['HS256', 'HS384', 'HS512'])
  readonly JWT_ALGORITHM: JwtAlgorithm;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `iss` claim of the access tokens. Tokens of another issuer are rejected.',
    expected: '1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_ISSUER: string;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `aud` claim of the access tokens. Tokens for another audience are rejected.',
    expected: '1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_AUDIENCE: string;
}
