import { rm } from 'node:fs/promises';
import { UserError, usageError } from '../../errors.ts';
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
  const dead = journals.filter(({ alive }) => !alive);
  for (const journal of dead)
    if (journal.empty) await rm(journal.folder, { recursive: true, force: true });
  const left = dead.filter(({ empty }) => !empty);
  const latest = left.at(-1);
  if (latest === undefined) return;
  const count = left.length === 1 ? 'A recording was' : `${left.length} recordings were`;
  log.warn(
    { journals: left.map((journal) => journal.folder) },
    `${count} cut off. Restore the latest: pmproxy convert ${quoted(latest.folder)} -o restored.json; then remove that folder.`,
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
