/**
 * Checks a commit message: a subject of at most 72 characters that completes "this commit will …", a blank line, then
 * any text. Prints the first problem and exits with status 1.
 */
import { readFileSync } from 'node:fs';

const LONGEST = 72;

/** Subjects that git writes itself, and those of commits that a rebase squashes. */
const GENERATED = /^(Merge|Revert|fixup!|squash!|amend!) /;

/** "Added" and "Adding" instead of "Add". IMPERATIVES are exceptions: they have the same endings. */
const OTHER_FORM = /^\w{2,}(ed|ing)$/i;
const IMPERATIVES = new Set(['bring', 'embed', 'exceed', 'feed', 'need', 'ping', 'proceed', 'seed', 'shed', 'speed']);
const THIRD_PERSON =
  /^(adds|allows|changes|creates|documents|drops|fixes|implements|improves|introduces|keeps|makes|moves|refactors|removes|renames|replaces|shows|supports|tests|updates|upgrades|uses|writes)$/i;

function isImperative(word) {
  return IMPERATIVES.has(word.toLowerCase()) || !(OTHER_FORM.test(word) || THIRD_PERSON.test(word));
}

function problemOf(message) {
  const [subject = '', second = ''] = message.split('\n').filter((line) => !line.startsWith('#'));
  if (GENERATED.test(subject)) return undefined;
  const [word = ''] = subject.split(' ');
  if (subject.trim() === '') return 'the subject is empty';
  if (subject.length > LONGEST) return `the subject has ${subject.length} characters, at most ${LONGEST} are allowed`;
  if (!/^\p{Lu}/u.test(subject)) return 'the subject must begin with a capital letter, without a prefix such as "fix:"';
  if (subject.endsWith('.')) return 'the subject must not end with a full stop';
  if (!isImperative(word)) return `"${word}" does not complete "this commit will …"`;
  return second === '' ? undefined : 'the second line must be blank';
}

const problem = problemOf(readFileSync(process.argv[2], 'utf8'));
if (problem) {
  console.error(`Invalid commit message: ${problem}.`);
  process.exitCode = 1;
}
