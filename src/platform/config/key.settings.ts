import { IsOptional, IsString } from 'class-validator';
import { EXAMPLE_SECRET_KEY } from './signing-key.js';
import { Variable } from './variable.decorator.js';

/** The secrets of `KeyRing`. */
export class KeySettings {
  @Variable({
    group: 'Tokens and passwords',
    about:
      'Key that signs the access tokens: at least 32 bytes for HS256, 48 for HS384, 64 for HS512. Generate it with `openssl rand -base64 48`.',
    expected: 'a secret random string',
    example: EXAMPLE_SECRET_KEY,
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SECRET_KEY: string;

  @Variable({
    group: 'Tokens and passwords',
    about:
      'Previous value of SECRET_KEY. Access and refresh tokens of this key stay valid until they expire. Keep it for SESSION_IDLE_DAYS after a change of SECRET_KEY (docs/operations/secret-key.md).',
    expected: 'the previous SECRET_KEY',
    example: '',
    secret: true,
  })
  @IsOptional()
  @IsString()
  readonly SECRET_KEY_PREVIOUS?: string;
}
