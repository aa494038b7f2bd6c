import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One of our Markdown files, with its path from the root. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown file that people are sent to. */
export function documents(): readonly Document[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...top, ...docs].map((path) => ({ path, text: readText(path) }));
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Command lines in it: `code` that stands alone and the lines of `sh` blocks, cut at `&&`, `|` and `;`. */
export function commandLines({ text }: Document): readonly string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, body = '']) =>
    body.split('\n'),
  );
  const spans = [...text.matchAll(/(?<!`)`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...spans]
    .flatMap((line) => line.split(/&&|\||;/))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Rows of its Markdown tables: the cells, without their code marks. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ :|-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    );
}
