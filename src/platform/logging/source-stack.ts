import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { programFile } from '../config/program-files.js';

/** Positions in bundles of the build. Text from a client cannot name another file. */
const POSITION = /(file:\/\/\S+?\/chunks\/[\w-]+\.js):(\d+):(\d+)/g;
const CHUNKS = programFile('chunks/').href;

const maps = new Map<string, SourceMap | null>();

/**
 * The stack of an error with positions in the sources instead of the bundles. Source maps are read at the first error,
 * because Node's own option reads all of them at each start.
 */
export function sourceStack({ stack }: Error, chunks = CHUNKS): string | undefined {
  return stack?.replaceAll(POSITION, (position, file: string, line: string, column: string) => {
    const origin = file.startsWith(chunks) && mapOf(file)?.findOrigin(Number(line), Number(column));
    if (!origin || !('fileName' in origin)) return position;
    return `${new URL(origin.fileName, file).href}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  const map = readMap(file);
  maps.set(file, map);
  return map;
}

/** @returns null for a bundle of packages, which has no map */
function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')) as SourceMapPayload);
  } catch {
    return null;
  }
}
