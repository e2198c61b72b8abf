import { readFile, stat } from 'node:fs/promises';
import type { Exporter, GivenOptions, Loss } from '../exporters/index.ts';
import { type Chunks, type FileOutput, writeOutput } from './output.ts';

type Merge = NonNullable<Exporter['append']>['merge'];

/**
 * Adds what was rendered to a file that is there. Nothing is written when nothing is new; when somebody saves the file
 * at the same time, it is read again.
 *
 * @returns the path of the file
 * @throws UserError when it is no longer something to add to; it is untouched then
 */
export async function appendToFile(
  output: FileOutput,
  chunks: Chunks,
  merge: Merge,
  onLoss?: GivenOptions['onLoss'],
): Promise<string> {
  let rendered = '';
  for await (const chunk of chunks)
    rendered += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  for (;;) {
    const losses: Loss[] = [];
    const before = await stateOf(output.path);
    const existing = before === '' ? undefined : await readFile(output.path, 'utf8');
    const merged =
      existing === undefined
        ? rendered
        : merge(existing, rendered, output.path, (loss) => losses.push(loss));
    if ((await stateOf(output.path)) !== before) continue;
    for (const loss of losses) onLoss?.(loss);
    if (merged !== existing) await writeOutput(output, [merged]);
    return output.path;
  }
}

/** Tells one state of a file from another; empty when there is none. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}
