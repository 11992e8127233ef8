import { parse } from 'content-type';

/** RFC 9110 section 12.4.2. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** An element of an Accept or Accept-Language header, in lower case. Its weight is 1 by default, NaN if malformed. */
export interface WeightedValue {
  value: string;
  weight: number;
}

/** The elements of an Accept or Accept-Language header, in its order. Parameters other than `q` are ignored. */
export function weightedValues(header: string): WeightedValue[] {
  const values: WeightedValue[] = [];
  for (let start = 0; start < header.length;) {
    const { type, parameters, index } = parse(header, { comma: true, start });
    const { q = '1' } = parameters;
    values.push({ value: type, weight: WEIGHT.test(q) ? Number(q) : Number.NaN });
    start = index + 1;
  }
  return values;
}
