export const PROBLEM_JSON = 'application/problem+json';
const JSON_TYPE = 'application/json';

/** One element of an Accept header; a comma or a semicolon within quotes parts nothing. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const PARAMETER = /;\s*([^\s;=]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]*)/g;
/** RFC 9110 section 12.4.2. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Whether an Accept header asks for problem details (RFC 9457) rather than FastAPI's errors: it must name
 * `application/problem+json`, with a weight above 0 and not below that of `application/json`. A wildcard alone means what
 * every client of FastAPI has always got (RFC 9110 section 12.5.1).
 */
export function asksForProblem(accept: string | undefined): boolean {
  // Every error comes by here, few of them with such a header.
  if (accept === undefined || !accept.toLowerCase().includes(PROBLEM_JSON)) return false;
  const weights = weightsOf(accept);
  const problem = weights.get(PROBLEM_JSON) ?? 0;
  const plain = weights.get(JSON_TYPE) ?? weights.get('application/*') ?? weights.get('*/*') ?? 0;
  return problem > 0 && problem >= plain;
}

/** The weight of each media range, in lower case; of one that comes twice the higher. Parameters other than `q` say nothing. */
function weightsOf(accept: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [element] of accept.matchAll(ELEMENT)) {
    const range = element.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    weights.set(range, Math.max(weights.get(range) ?? 0, weightOf(element)));
  }
  return weights;
}

/** 1 where none is given; 0, never asked for, where it is malformed. */
function weightOf(element: string): number {
  const [, , weight = '1'] = [...element.matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === 'q') ?? [];
  return WEIGHT.test(weight) ? Number(weight) : 0;
}
