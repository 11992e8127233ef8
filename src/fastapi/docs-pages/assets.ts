import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { programFile } from '../../platform/config/program-files.js';

const require = createRequire(import.meta.url);
const compress = promisify(gzip);

/** An image that ReDoc's bundle would load from its vendor's host, which the policy of our pages forbids. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const EMPTY_PICTURE = 'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E';

/** A file of swagger-ui-dist. */
export function swaggerUiAsset(name: string): Buffer {
  return readFileSync(join(dirname(require.resolve('swagger-ui-dist/package.json')), name));
}

/** ReDoc's bundle: the copy in the build, otherwise that of the development dependency. */
export function redocAsset(): Buffer {
  const built = programFile('fastapi/docs-pages/redoc.standalone.js');
  const file = existsSync(built) ? built : require.resolve('redoc/bundles/redoc.standalone.js');
  return Buffer.from(readFileSync(file, 'utf8').replaceAll(REDOC_LOGO, EMPTY_PICTURE));
}

const CACHEABLE = { 'cache-control': 'public, max-age=3600', vary: 'Origin, Accept-Encoding' };

/** A file that is read at the first request and compressed once. */
export class Asset {
  private plain: Buffer | undefined;
  private compressed: Promise<Buffer> | undefined;

  readonly headers: Readonly<Record<string, string>>;

  constructor(
    contentType: string,
    private readonly read: () => Buffer,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.headers = { ...CACHEABLE, ...headers, 'content-type': contentType };
  }

  content(): Buffer {
    this.plain ??= this.read();
    return this.plain;
  }

  async gzipped(): Promise<Buffer> {
    this.compressed ??= compress(this.content());
    return this.compressed;
  }
}
