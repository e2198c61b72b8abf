import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PUBLIC, writeNew } from '../new-files.ts';
import type { FoundJournal } from '../record/journals.ts';
import type { Log } from '../terminal/log.ts';
import { quoted } from '../terminal/summary.ts';

/** In the folder of a journal of which the person has been told. */
const TOLD = 'told';

/**
 * Tells once of each recording that was cut off, with a command that restores it and removes what is left of it: its
 * journal is all there is. Journals in which there is nothing are removed.
 *
 * @param dead journals whose processes are gone
 */
export async function tellOfLeftovers(dead: readonly FoundJournal[], log: Log): Promise<void> {
  for (const { folder } of dead.filter(({ empty }) => empty))
    await rm(folder, { recursive: true, force: true });
  const left = dead.filter(({ empty }) => !empty);
  for (const [index, { folder }] of left.entries()) {
    const mark = join(folder, TOLD);
    const isTold = await access(mark).then(
      () => true,
      () => false,
    );
    if (isTold) continue;
    const file = index === 0 ? 'restored.json' : `restored-${index + 1}.json`;
    const command = `pmproxy convert ${quoted(folder)} -o ${file} && rm -r ${quoted(folder)}`;
    log.warn({ journal: folder }, `A recording was cut off. To restore it: ${command}`);
    // Where that cannot be written it is told again.
    await writeNew(mark, '', PUBLIC).catch(() => {});
  }
}
