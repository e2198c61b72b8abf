import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, usageError } from '../../errors.ts';
import { PUBLIC, writeNew } from '../../new-files.ts';
import { type FoundJournal, findJournals } from '../../record/journals.ts';
import type { Log } from '../../terminal/log.ts';
import { quoted } from '../../terminal/summary.ts';

/**
 * Refuses to record to a file that another pmproxy is recording to, and warns of recordings that were cut off: their
 * journals are all there is of them. Journals of such recordings in which there is nothing are removed.
 *
 * @param folder of the journals
 * @param outputs absolute paths that will be replaced
 * @throws UserError when another pmproxy is recording to one of these files
 */
export async function checkOtherRecordings(
  folder: string,
  outputs: readonly string[],
  log: Log,
): Promise<void> {
  const journals = await findJournals(folder);
  refuseSharedOutput(journals, outputs);
  await warnOfCutOff(
    journals.filter(({ alive }) => !alive),
    log,
  );
}

/** A file in the folder of a journal that the person has been told of. */
const TOLD = 'told';

/** Warns once of each recording, with a command that restores it and removes what is left of it. */
async function warnOfCutOff(dead: readonly FoundJournal[], log: Log): Promise<void> {
  for (const { folder } of dead.filter(({ empty }) => empty))
    await rm(folder, { recursive: true, force: true });
  const left = dead.filter(({ empty }) => !empty);
  for (const [index, { folder }] of left.entries()) {
    const mark = join(folder, TOLD);
    if (await isThere(mark)) continue;
    const file = index === 0 ? 'restored.json' : `restored-${index + 1}.json`;
    const command = `pmproxy convert ${quoted(folder)} -o ${file} && rm -r ${quoted(folder)}`;
    log.warn({ journal: folder }, `A recording was cut off. To restore it: ${command}`);
    // Where the mark cannot be written, the warning is repeated.
    await writeNew(mark, '', PUBLIC).catch(() => {});
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function refuseSharedOutput(journals: readonly FoundJournal[], outputs: readonly string[]): void {
  for (const { owner, alive } of journals) {
    const shared = owner.outputs.find((path) => outputs.includes(path));
    if (alive && shared !== undefined) {
      throw new UserError(`Process ${owner.pid} is already recording to ${shared}.`, {
        hint: 'Choose another file with -o, or stop the other one first.',
      });
    }
  }
}

/**
 * The journal of the latest recording that was cut off.
 *
 * @param folder of the journals
 * @throws UserError (exit code 2) when there is none
 */
export async function latestCutOff(folder: string): Promise<string> {
  const left = (await findJournals(folder)).filter(({ alive, empty }) => !alive && !empty);
  const latest = left.at(-1);
  if (latest === undefined) {
    throw usageError(
      `There is no journal of an interrupted recording in ${folder}.`,
      'Try: pmproxy convert <folder> -o restored.json',
    );
  }
  return latest.folder;
}
