/**
 * Exit status 1, and a line that says why, for a commit message that does not read like the others: a subject of at most
 * 72 characters that completes "this commit will …", a blank line, then anything.
 */
import { readFileSync } from 'node:fs';

const LONGEST = 72;

/** What git writes by itself, and what a rebase will melt away. */
const OF_GIT = /^(Merge|Revert|fixup!|squash!|amend!) /;

/** "Added" and "Adding" for "Add", but for the imperatives that end so. */
const OTHER_FORM = /^\w{2,}(ed|ing)$/i;
const IMPERATIVES = new Set(['bring', 'embed', 'exceed', 'feed', 'need', 'ping', 'proceed', 'seed', 'shed', 'speed']);
const THIRD_PERSON =
  /^(adds|allows|changes|creates|documents|drops|fixes|implements|improves|introduces|keeps|makes|moves|refactors|removes|renames|replaces|shows|supports|tests|updates|upgrades|uses|writes)$/i;

function isImperative(word) {
  return IMPERATIVES.has(word.toLowerCase()) || !(OTHER_FORM.test(word) || THIRD_PERSON.test(word));
}

function problemOf(message) {
  const [subject = '', second = ''] = message.split('\n').filter((line) => !line.startsWith('#'));
  if (OF_GIT.test(subject)) return undefined;
  const [word = ''] = subject.split(' ');
  if (subject.trim() === '') return 'the subject is empty';
  if (subject.length > LONGEST) return `the subject has ${subject.length} characters, at most ${LONGEST} fit`;
  if (!/^\p{Lu}/u.test(subject)) return 'the subject begins with a capital letter and without a prefix such as "fix:"';
  if (subject.endsWith('.')) return 'the subject has no full stop';
  if (!isImperative(word)) return `"${word}" does not complete "this commit will …"`;
  return second === '' ? undefined : 'the second line is blank';
}

const problem = problemOf(readFileSync(process.argv[2], 'utf8'));
if (problem) {
  console.error(`The commit message: ${problem}.`);
  process.exitCode = 1;
}
