import { accessTokenSeconds, idleDays } from '../../auth/tokens/lifetime.settings.js';
import { MINIMUM_KEY_BYTES, weaknessOfKey } from '../../platform/config/signing-key.js';
import type { Facts } from '../facts/facts.js';
import { type Checks, fail, failInProduction, pass, type Verdict, warn } from './finding.js';
import { estimateBits, looksLikePlaceholder } from './key-strength.js';

const GENERATE_ONE =
  'Generate a key with `openssl rand -base64 48`. SECRET_KEY_PREVIOUS keeps users signed in during the change.';

/** Too many bits to guess. By this estimate, `openssl rand -hex 16` has about as many. */
const ENOUGH_BITS = 96;
const TOO_FEW_BITS = 64;

const DAY_MINUTES = 1440;

/** Checks of keys, tokens and the cost of password hashes. */
export const secretChecks: Checks = {
  'secret-key': secretKey,
  'secret-key-previous': previousKey,
  'secrets-differ': secretsDiffer,

  'token-lifetime': ({ settings }) => {
    const minutes = accessTokenSeconds(settings.environment) / 60;
    if (minutes <= DAY_MINUTES) return pass(`access tokens are valid for ${minutes} minutes`);
    return warn(
      `access tokens, including stolen ones, are valid for ${Math.round(minutes / DAY_MINUTES)} days`,
      'Set ACCESS_TOKEN_EXPIRE_MINUTES to 1440 or less; 30 is the default.',
    );
  },

  'password-cost': ({ settings }) => {
    const { BCRYPT_ROUNDS: rounds } = settings.environment;
    if (rounds < 12) {
      return warn(
        `BCRYPT_ROUNDS is ${rounds}: stolen hashes can be cracked ${2 ** (12 - rounds)} times as fast as with 12`,
        'Set BCRYPT_ROUNDS=12.',
      );
    }
    if (rounds > 14) {
      return warn(
        `BCRYPT_ROUNDS is ${rounds}: a sign-in occupies a core for seconds`,
        'Set BCRYPT_ROUNDS to 12, 13 or 14.',
      );
    }
    return pass(`bcrypt with cost ${rounds}`);
  },
};

function secretKey(facts: Facts): Verdict {
  const { SECRET_KEY: key, JWT_ALGORITHM: algorithm } = facts.settings.environment;
  const weakness = weaknessOfKey(key, algorithm);
  if (weakness) return failInProduction(facts, `SECRET_KEY cannot be used: ${weakness}`, GENERATE_ONE);
  const bits = estimateBits(key);
  if (bits < TOO_FEW_BITS)
    return failInProduction(facts, `SECRET_KEY is long but can be guessed: about ${bits} bits`, GENERATE_ONE);
  if (bits < ENOUGH_BITS)
    return warn(`SECRET_KEY is not random enough for its length: about ${bits} bits`, GENERATE_ONE);
  if (looksLikePlaceholder(key)) return warn('SECRET_KEY looks like a phrase or a placeholder', GENERATE_ONE);
  return pass(`${Buffer.byteLength(key)} bytes for ${algorithm}, which needs ${MINIMUM_KEY_BYTES[algorithm]}`);
}

function previousKey(facts: Facts): Verdict {
  const { environment } = facts.settings;
  const { SECRET_KEY_PREVIOUS: previous, SECRET_KEY: key, JWT_ALGORITHM: algorithm } = environment;
  if (!previous) return pass('no key is being replaced');
  const remove = 'Remove SECRET_KEY_PREVIOUS.';
  const weakness = weaknessOfKey(previous, algorithm);
  if (weakness) return failInProduction(facts, `SECRET_KEY_PREVIOUS cannot be used: ${weakness}`, remove);
  if (previous === key) return warn('SECRET_KEY_PREVIOUS is SECRET_KEY and has no effect', remove);
  return warn(
    'SECRET_KEY_PREVIOUS is set: tokens of the previous key are accepted',
    `Remove it ${idleDays(environment)} days after the change, when all refresh tokens of that key have expired, or at once if the key was leaked.`,
  );
}

/** A secret that is used twice is exposed in both uses if it leaks. */
function secretsDiffer({ settings: { environment }, database }: Facts): Verdict {
  const password = 'settings' in database ? database.settings.password : environment.PGPASSWORD;
  const secrets = Object.entries({
    SECRET_KEY: environment.SECRET_KEY,
    'the password of the database': password,
    METRICS_TOKEN: environment.METRICS_TOKEN,
  }).filter(([, value]) => value);
  for (const [index, [name, value]] of secrets.entries()) {
    const duplicate = secrets.slice(index + 1).find(([, other]) => other === value);
    if (duplicate)
      return fail(`${name} and ${duplicate[0]} are the same`, 'Generate a new one with `openssl rand -base64 48`.');
  }
  return pass('all secrets are different');
}
