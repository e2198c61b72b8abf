import { readdir, readFile } from 'node:fs/promises';
import { parseSync } from 'vite';

/** A regular expression in our sources, and where it stands. */
export type SourceRegex = { readonly place: string; readonly regex: RegExp };

/**
 * All regular expressions that are written in the files of a folder and those below it, none twice.
 *
 * @param made the files that may put one together, of which nothing can be told here
 * @throws where another file does so
 */
export async function regexesIn(folder: URL, made: readonly string[]): Promise<SourceRegex[]> {
  const found = new Map<string, SourceRegex>();
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((one) => one.endsWith('.ts'))) {
    const text = await readFile(new URL(name, folder), 'utf8');
    const { program } = parseSync(name, text);
    for (const node of nodesIn(program)) {
      if (node.type === 'NewExpression' && node.callee?.name === 'RegExp' && !made.includes(name)) {
        throw new Error(`${name} puts a regular expression together`);
      }
      if (node.type !== 'Literal' || node.regex === undefined) continue;
      const { pattern, flags } = node.regex;
      const line = text.slice(0, node.start).split('\n').length;
      const regex = new RegExp(pattern, flags);
      if (!found.has(String(regex))) found.set(String(regex), { place: `${name}:${line}`, regex });
    }
  }
  return [...found.values()];
}

type Node = {
  readonly type?: string;
  readonly start?: number;
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: { readonly name?: string };
};

function* nodesIn(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  yield value as Node;
  for (const member of Object.values(value)) yield* nodesIn(member);
}
