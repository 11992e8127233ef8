import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

/** As many guesses as eight random characters take; every common password is found within a fraction of them. */
const MIN_GUESSES = 1e8;

/**
 * How much of a password is looked at, in UTF-16 units: the time that it takes grows with the square and more. What
 * follows cannot make the beginning weaker, so that a password is never taken for stronger than it is.
 */
const MAX_EXAMINED_LENGTH = 40;
/** Ways to read digits and signs as letters that are tried; the default of 100 takes five times as long for little. */
const MAX_SUBSTITUTIONS = 20;

/** How hard a password is to guess: zxcvbn with its list of 49,000 common and breached passwords, all offline. */
export class PasswordStrength {
  private readonly estimator = new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: MAX_EXAMINED_LENGTH,
    l33tMaxSubstitutions: MAX_SUBSTITUTIONS,
  });

  /** @param words what somebody who knows the account would try first */
  isSufficient(password: string, words: readonly string[]): boolean {
    return this.estimator.check(password, [...words]).guesses >= MIN_GUESSES;
  }
}
