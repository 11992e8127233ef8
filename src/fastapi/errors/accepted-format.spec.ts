import { acceptsProblem } from './accepted-format.js';

const PROBLEM = 'application/problem+json';

describe('acceptsProblem', () => {
  it.each([
    PROBLEM,
    'Application/Problem+JSON',
    `application/json;q=0.9,${PROBLEM}`,
    `application/json;q=0.5, ${PROBLEM};q=0.501, */*;q=0.8`,
    `application/vnd.api+json, ${PROBLEM};q=0.1`,
    `x="application/json", ${PROBLEM}`,
    `*/*, ${PROBLEM};q=0.9`,
    `application/*;q=0.8, ${PROBLEM};q=0.7`,
    `${PROBLEM};q=0.001`,
    `${PROBLEM} ; Q=0.5 , application/json ; q=0.4`,
    `text/html, ${PROBLEM};q=0.1`,
    `${PROBLEM}, application/json;q=0`,
    `${PROBLEM}, */*`,
    `${PROBLEM};q=0.5, application/*;q=0.5, */*`,
    `${PROBLEM};charset=utf-8`,
    `text/plain;a="x,y;q=0", ${PROBLEM};profile="a,b;q=0";q=1.000`,
    `${PROBLEM};q=0.2, ${PROBLEM};q=0.9, application/json;q=0.5`,
    `,, ${PROBLEM} ,`,
  ])('%s does', (accept) => expect(acceptsProblem(accept)).toBe(true));

  it.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    'application/json, text/plain, */*',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
    `${PROBLEM};q=0`,
    `${PROBLEM};q=0.0, */*;q=0`,
    `application/json,${PROBLEM}`,
    `${PROBLEM},application/json`,
    `${PROBLEM}, Application/JSON, */*`,
    `application/json;charset=utf-8, ${PROBLEM}`,
    `application/json;q=0.5, ${PROBLEM};q=0.5, */*;q=0.8`,
    `application/json;q=0, ${PROBLEM};q=0`,
    `application/json;q=0.1, application/json, ${PROBLEM}`,
    `application/json, ${PROBLEM};q=0.9`,
    `application/json;q=high, ${PROBLEM}`,
    `${PROBLEM};q=2`,
    `${PROBLEM};q=-1`,
    `${PROBLEM};q=`,
    `${PROBLEM};q=0.12345`,
    `${PROBLEM}s`,
    `x${PROBLEM}`,
    `text/plain;a="${PROBLEM}"`,
    `text/plain;a=", ${PROBLEM}, "`,
    'application/problem+xml',
  ])('%s does not', (accept) => expect(acceptsProblem(accept)).toBe(false));

  it.each([
    ['quotes', `${'"'.repeat(8000)}${PROBLEM}`],
    ['an open quote', `"${'a\\'.repeat(4000)}${PROBLEM}`],
    ['parameters', `${';q'.repeat(4000)}${PROBLEM}`],
    ['blanks', `${PROBLEM};${' '.repeat(8000)}x`],
    ['elements', `${'a;q=1,'.repeat(2500)}${PROBLEM};q=0`],
  ])('handles a header full of %s', (_name, accept) => {
    expect(acceptsProblem(accept)).toEqual(expect.any(Boolean));
  });
});
