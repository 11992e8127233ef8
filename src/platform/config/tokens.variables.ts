import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { EXAMPLE_SECRET_KEY, type JwtAlgorithm } from './signing-key.js';
import { IntegerVariable, Variable } from './variable.decorator.js';

/** How tokens are signed and passwords hashed. */
export class TokenVariables {
  @Variable({
    group: 'Tokens and passwords',
    about:
      'Key that signs the access tokens: at least 32 bytes for HS256, 48 for HS384, 64 for HS512. Make one with `openssl rand -base64 48`.',
    expected: 'a random text that nobody else knows',
    example: EXAMPLE_SECRET_KEY,
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SECRET_KEY: string;

  @Variable({
    group: 'Tokens and passwords',
    about:
      'The key before SECRET_KEY: tokens that it signed stay good until they expire, refresh tokens too: keep it for SESSION_IDLE_DAYS when the key is changed.',
    expected: 'the former SECRET_KEY',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SECRET_KEY_PREVIOUS?: string;

  @Variable({
    group: 'Tokens and passwords',
    about: 'Algorithm of the access tokens.',
    expected: 'HS256, HS384 or HS512',
    default: 'HS256',
  })
  @IsIn(['HS256', 'HS384', 'HS512'])
  readonly JWT_ALGORITHM: JwtAlgorithm;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `iss` claim of the access tokens; a token of another issuer is refused.',
    expected: 'a text of 1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_ISSUER: string;

  @Variable({
    group: 'Tokens and passwords',
    about: 'The `aud` claim of the access tokens; a token for another audience is refused.',
    expected: 'a text of 1 to 200 characters',
    default: 'nest-auth-backend',
  })
  @Matches(/^.{1,200}$/su)
  readonly JWT_AUDIENCE: string;

  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Lifetime of an access token in minutes; never longer than that of its session.',
    what: 'a number of minutes',
    from: 1,
    to: 525600,
    default: 30,
  })
  readonly ACCESS_TOKEN_EXPIRE_MINUTES: number;

  @IntegerVariable({
    group: 'Tokens and passwords',
    about: 'Cost of new bcrypt hashes: each step doubles the time of a login.',
    what: 'a cost',
    from: 10,
    to: 16,
    default: 12,
  })
  readonly BCRYPT_ROUNDS: number;

  @Variable({
    group: 'Tokens and passwords',
    about:
      'What a new password must be: 6 characters as in the documented service, or strict, which is 8 and refuses what is common, breached or easily guessed.',
    expected: 'compatible or strict',
    default: 'compatible',
  })
  @IsIn(['compatible', 'strict'])
  readonly PASSWORD_POLICY: 'compatible' | 'strict';
}
