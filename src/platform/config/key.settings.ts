import { IsOptional, IsString } from 'class-validator';
import { EXAMPLE_SECRET_KEY } from './signing-key.js';
import { Variable } from './variable.decorator.js';

/** The secrets of `KeyRing`. */
export class KeySettings {
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
}
