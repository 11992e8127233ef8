import { runInNewContext } from 'node:vm';
import { send } from './http-client.js';

interface Item {
  name: string;
  event?: { script: { exec: string[] } }[];
  request: {
    method: string;
    auth?: { type: string };
    url: { raw: string; path: string[]; variable?: { key: string; value: string }[] };
    body?: { raw?: string; urlencoded?: { key: string; value: string; disabled?: boolean }[] };
  };
}

/** The parts of a Postman collection that a run needs. */
export interface Collection {
  item: { name: string; item: Item[] }[];
  variable: { key: string; value: string }[];
}

export interface CollectionAnswer {
  name: string;
  method: string;
  /** The path in OpenAPI syntax. */
  path: string;
  status: number;
}

/** Sends the requests of a collection like Postman's runner. Keeps the variables between runs. */
export class CollectionRun {
  private readonly variables: Map<string, string>;

  constructor(
    private readonly collection: Collection,
    private readonly url: string,
  ) {
    this.variables = new Map(collection.variable.map(({ key, value }) => [key, value]));
    this.variables.set('baseUrl', url);
  }

  async again(): Promise<CollectionAnswer[]> {
    const answers: CollectionAnswer[] = [];
    for (const item of this.collection.item.flatMap((folder) => folder.item)) answers.push(await this.one(item));
    return answers;
  }

  private async one({ name, event = [], request }: Item): Promise<CollectionAnswer> {
    const raw = request.body?.raw === undefined ? undefined : this.filled(request.body.raw);
    const { status, body } = await send(this.url, this.pathOf(request.url), {
      method: request.method,
      ...this.bodyOf(request.body, raw),
      ...(request.auth?.type === 'noauth' ? {} : { token: this.variables.get('token') ?? '' }),
    });
    const pm = {
      request: { body: { raw } },
      response: { code: status, json: () => body },
      collectionVariables: { set: (key: string, value: string) => this.variables.set(key, value) },
    };
    for (const { script } of event) runInNewContext(script.exec.join('\n'), { pm });
    const path = `/${request.url.path.map((part) => part.replace(/^:(.+)$/, '{$1}')).join('/')}`;
    return { name, method: request.method.toLowerCase(), path, status };
  }

  private pathOf({ raw, variable = [] }: Item['request']['url']): string {
    const named = variable.reduce((path, { key, value }) => path.replace(`:${key}`, value), raw);
    return this.filled(named.replace('{{baseUrl}}', ''));
  }

  private bodyOf(body: Item['request']['body'], raw: string | undefined): { body?: object } {
    if (raw !== undefined) return { body: JSON.parse(raw) as object };
    const fields = body?.urlencoded?.filter(({ disabled }) => !disabled);
    if (!fields) return {};
    return { body: new URLSearchParams(Object.fromEntries(fields.map(({ key, value }) => [key, this.filled(value)]))) };
  }

  private filled(text: string): string {
    return text.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => this.variables.get(name) ?? '');
  }
}
