export const PROBLEM_JSON = 'application/problem+json';
const JSON_TYPE = 'application/json';

/** One element of an Accept header. Commas and semicolons within quotes do not separate elements. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const PARAMETER = /;\s*([^\s;=]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]*)/g;
/** RFC 9110 section 12.4.2. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Whether an Accept header asks for problem details (RFC 9457) instead of FastAPI's errors. It must name
 * `application/problem+json`, with a weight above that of `application/json` if it names that too: generated clients name
 * both, because the OpenAPI document lists both. A wildcard names neither (RFC 9110 section 12.5.1).
 */
export function asksForProblem(accept: string | undefined): boolean {
  // A shortcut: every error comes here, but few requests have such a header.
  if (accept === undefined || !accept.toLowerCase().includes(PROBLEM_JSON)) return false;
  const weights = weightsOf(accept);
  return (weights.get(PROBLEM_JSON) ?? 0) > (weights.get(JSON_TYPE) ?? 0);
}

/** The weight of each media range, in lower case; the highest if it is repeated. Parameters other than `q` are ignored. */
function weightsOf(accept: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [element] of accept.matchAll(ELEMENT)) {
    const range = element.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    weights.set(range, Math.max(weights.get(range) ?? 0, weightOf(element)));
  }
  return weights;
}

/** 1 if none is given. A malformed weight is NaN, which is neither above nor below another: so it never asks for problem details. */
function weightOf(element: string): number {
  const [, , weight = '1'] = [...element.matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === 'q') ?? [];
  return WEIGHT.test(weight) ? Number(weight) : Number.NaN;
}
