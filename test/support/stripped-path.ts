import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Nginx } from './nginx.js';

/** The path of the example in docs/deployment/nginx.md. */
export const STRIPPED_PATH = '/auth';

/** An nginx with the example of docs/deployment/nginx.md, which strips a path in front of the service at this URL. */
export async function startStrippingNginx(upstream: string): Promise<Nginx> {
  const page = readFileSync(join('docs', 'deployment', 'nginx.md'), 'utf8');
  const [, example] = /```nginx\n(location \/auth\/ .+?)```/s.exec(page) ?? [];
  if (!example?.includes('http://127.0.0.1:8001/'))
    throw new Error('docs/deployment/nginx.md has no example of a path');
  const location = example.replace('http://127.0.0.1:8001', upstream);
  return Nginx.start({
    upstreams: [],
    http: ({ port }) => `server { listen 127.0.0.1:${port}; ${location} }`,
  });
}
