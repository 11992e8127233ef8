import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['.', 'docs', '.github'];
const SHELLS = new Set(['sh', 'bash', 'shell', 'console']);

/** A fenced block of shell commands, with its label: `run by FILE`, `example`, or undefined. */
export interface CommandBlock {
  line: number;
  text: string;
  label: string | undefined;
}

/** The documents of the repository: Markdown at the top, in `docs/` at any depth, and in `.github/`. */
export function documents(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: folder === 'docs', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ).toSorted();
}

/**
 * The shell commands of a document. A block is labelled by a comment before it, `<!-- run by test/… -->` or
 * `<!-- example -->`; a comment on the first line, such as `<!-- commands: example -->`, labels all others.
 */
export function commandBlocks(document: string): CommandBlock[] {
  const lines = readFileSync(document, 'utf8').split('\n');
  const [, general] = /^<!-- commands: (.+) -->$/.exec(lines[0] ?? '') ?? [];
  const blocks: CommandBlock[] = [];
  let fence: string | undefined;
  let block: CommandBlock | undefined;
  for (const [index, line] of lines.entries()) {
    const [, mark, language = ''] = /^ *(```+|~~~+) *(\w*)/.exec(line) ?? [];
    if (fence !== undefined && mark === fence && language === '') fence = block = undefined;
    else if (fence !== undefined) block &&= appendTo(block, line);
    else if (mark !== undefined) {
      fence = mark;
      block = { line: index + 1, text: '', label: labelBefore(lines, index) ?? general };
      if (SHELLS.has(language)) blocks.push(block);
    }
  }
  return blocks;
}

function appendTo(block: CommandBlock, line: string): CommandBlock {
  block.text += `${line}\n`;
  return block;
}

function labelBefore(lines: string[], index: number): string | undefined {
  const before = lines[index - 1] === '' ? lines[index - 2] : lines[index - 1];
  return /^ *<!-- (run by \S+|example) -->$/.exec(before ?? '')?.[1];
}

/** The text without fenced blocks and comments, where links and paths count. */
export function proseOf(document: string): string {
  return readFileSync(document, 'utf8')
    .replaceAll(/^ *(```+)[^]*?^ *\1$/gm, '')
    .replaceAll(/<!--[^]*?-->/g, '');
}

/** The fragments that lead into a document: its anchors, and the ids that GitHub derives from its headings. */
export function anchorsOf(document: string): string[] {
  const seen = new Map<string, number>();
  const prose = proseOf(document);
  const named = [...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return [...named, ...headings];
}
