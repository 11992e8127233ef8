import { type Exchange, passwordSetBy } from './postman-variables.js';

/** The folder of what would leave the requests of other folders without a sign-in or an account. */
const LAST = 'Run these last';

/** An operation that has to find its place in a collection. */
export interface Placeable {
  method: string;
  tag: string;
  exchange: Exchange;
}

/**
 * Folders in an order in which a collection runs from top to bottom: a folder a tag, in each what needs no sign-in, then
 * what reads, then what changes, and a last folder of what ends sessions, the sign-in or the account.
 */
export function inFolders<T extends Placeable>(operations: T[]): Map<string, T[]> {
  const rank = ({ method, exchange }: T) => (exchange.secured ? (method === 'get' ? 1 : 2) : 0);
  const folders = new Map<string, T[]>();
  for (const one of operations.filter((each) => !ends(each))) {
    folders.set(one.tag, [...(folders.get(one.tag) ?? []), one]);
  }
  for (const within of folders.values()) within.sort((a, b) => rank(a) - rank(b));
  const last = operations.filter(ends).toSorted((a, b) => reach(a) - reach(b));
  return last.length > 0 ? folders.set(LAST, last) : folders;
}

function ends({ method, exchange }: Placeable): boolean {
  return exchange.secured && (method === 'delete' || passwordSetBy(exchange) !== undefined || givesUp(exchange));
}

/** One of many ends before all of them, these before what they belong to, and the sign-in last. */
function reach({ exchange }: Placeable): number {
  return givesUp(exchange) ? 0 : -exchange.path.split('/').length;
}

function givesUp({ fields }: Exchange): boolean {
  return fields.includes('refresh_token');
}
