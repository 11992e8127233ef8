import { type OpenApi, operationsOf } from '../contract/openapi-comparison.js';
import { send } from './http-client.js';

/** One line of a documentation page. */
export interface DocumentedOperation {
  method: string;
  path: string;
  summary: string;
}

/** The operations under each tag, both in the order in which the pages show them. */
export type DocumentedTags = ReadonlyMap<string, readonly DocumentedOperation[]>;

/** What the pages of the service at this URL must show. */
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
