import { readFile, stat } from 'node:fs/promises';
import { heldCollection } from '../document/held.ts';
import { errorCode } from '../errors.ts';
import type { Exporter, GivenOptions, Loss, Source } from '../exporters/index.ts';
import { asCollection } from '../exporters/source.ts';
import { type FileOutput, writeOutput } from './output.ts';

/** A format that supports appending. */
export type Appending = Pick<Exporter, 'render'> & {
  readonly append: NonNullable<Exporter['append']>;
};

/**
 * Adds a recording or a collection to an existing file. Nothing is written if nothing is new. If the file changes
 * meanwhile, it is read again.
 *
 * @returns the path of the file
 * @throws UserError if it is no longer a file of this format; it stays unchanged then
 */
export async function appendToFile(
  output: FileOutput,
  source: Source,
  { render, append }: Appending,
  options: GivenOptions,
): Promise<string> {
  const collection = await heldCollection(asCollection(source, options));
  for (;;) {
    const losses: Loss[] = [];
    const told = { ...options, onLoss: (loss: Loss) => void losses.push(loss) };
    const before = await stateOf(output.path);
    const existing = before === '' ? undefined : await readFile(output.path, 'utf8');
    const merged =
      existing === undefined
        ? render(collection, told)
        : await append.merge(existing, collection, told, output.path);
    if ((await stateOf(output.path)) !== before) continue;
    if (merged !== existing)
      await writeOutput(output, typeof merged === 'string' ? [merged] : merged);
    for (const loss of losses) options.onLoss?.(loss);
    return output.path;
  }
}

/** Identifies the state of a file; empty if there is no file. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
