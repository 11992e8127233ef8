import { type Exchange, passwordSetBy } from './postman-variables.js';

/** The folder of requests after which the other folders would have no session or account. */
const LAST = 'Run these last';

/** An operation to sort into the folders of a collection. */
export interface Placeable {
  method: string;
  tag: string;
  exchange: Exchange;
}

/**
 * Sorts operations into folders so that a collection can run from top to bottom: one folder per tag, in each first the
 * operations without sign-in, then reads, then writes; and a last folder for those that end sessions or the account.
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

/** Orders deletions from single items over whole lists to their owner; the logout comes last. */
function reach({ exchange }: Placeable): number {
  return givesUp(exchange) ? 0 : -exchange.path.split('/').length;
}

function givesUp({ fields }: Exchange): boolean {
  return fields.includes('refresh_token');
}
