import { weightedValues } from '../../platform/http/accept-header.js';

export const PROBLEM_JSON = 'application/problem+json';
const JSON_TYPE = 'application/json';

/**
 * Whether an Accept header requests problem details (RFC 9457) instead of FastAPI's errors. It must name
 * `application/problem+json`, with a weight above that of `application/json` if it names that too: generated clients
 * name both, because the OpenAPI document lists both. A wildcard names neither (RFC 9110 section 12.5.1).
 */
export function acceptsProblem(accept: string | undefined): boolean {
  // A fast path: this runs for every error, but few requests have such a header.
  if (accept === undefined || !accept.toLowerCase().includes(PROBLEM_JSON)) return false;
  const values = weightedValues(accept);
  /** The highest weight if a type is repeated, and NaN, which exceeds nothing, if one is malformed. */
  const weightOf = (type: string): number =>
    values.reduce((highest, { value, weight }) => (value === type ? Math.max(highest, weight) : highest), 0);
  return weightOf(PROBLEM_JSON) > weightOf(JSON_TYPE);
}
