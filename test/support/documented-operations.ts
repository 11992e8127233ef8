import { type OpenApi, operationsOf } from '../contract/openapi-comparison.js';
import { send } from './http-client.js';

/** An operation on a documentation page. */
export interface DocumentedOperation {
  method: string;
  path: string;
  summary: string;
}

/** The operations of each tag, in the order of the pages. */
export type DocumentedTags = ReadonlyMap<string, readonly DocumentedOperation[]>;

/** The tags and operations that the documentation pages of a service must show. */
export async function documentedTags(url: string): Promise<DocumentedTags> {
  const { body } = await send<OpenApi>(url, '/openapi.json');
  return tagsOf(body);
}

function tagsOf(document: OpenApi): DocumentedTags {
  const tags = new Map<string, DocumentedOperation[]>();
  for (const [path, method, { tags: [tag] = [], summary }] of operationsOf(document)) {
    if (tag === undefined) continue;
    tags.set(tag, [...(tags.get(tag) ?? []), { method, path, summary }]);
  }
  return tags;
}
