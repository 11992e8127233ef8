import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** About the number of guesses for eight random characters. Common passwords need far fewer. */
const MIN_GUESSES = 1e8;

/**
 * UTF-16 code units of a password that are examined, because the time grows faster than the square of the length. The
 * result is a lower bound: further characters cannot make a password weaker.
 */
const MAX_EXAMINED_LENGTH = 40;
/** Substitutions of digits and signs for letters that are tried. The default of 100 takes five times as long. */
const MAX_SUBSTITUTIONS = 20;

/** Estimates how hard a password is to guess: zxcvbn with its list of 49,000 common and breached passwords, offline. */
export class PasswordStrength {
  private readonly estimator = new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: MAX_EXAMINED_LENGTH,
    l33tMaxSubstitutions: MAX_SUBSTITUTIONS,
  });

  /** @param words guesses of an attacker who knows the account */
  isSufficient(password: string, words: readonly string[]): boolean {
    return this.estimator.check(password, [...words]).guesses >= MIN_GUESSES;
  }
}
