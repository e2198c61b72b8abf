import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, type ProcessMark, processMark } from '../running-process.ts';
import { journalFiles } from './journal-files.ts';
import { segmentFolders } from './segments.ts';
import { count, listOf, objectOf, optional, text } from './shape.ts';

/** The process that writes a journal, and the outputs that it is for. */
export type JournalOwner = ProcessMark & {
  readonly format: 1;
  readonly startedAt: string;
  readonly version: string;
  /** The absolute paths that will be written; empty for a stream. */
  readonly outputs: readonly string[];
  /** The session as which the recording is pushed to a running client (`pmproxy sync`). */
  readonly session?: { readonly id: string; readonly name: string };
};

export type FoundJournal = {
  readonly folder: string;
  readonly owner: JournalOwner;
  readonly alive: boolean;
  /** No exchange was recorded. */
  readonly empty: boolean;
};

/** The journals below `parent` that are written to files, oldest first. */
export async function findJournals(parent: string): Promise<FoundJournal[]> {
  return (await allJournals(parent)).filter(({ owner }) => owner.session === undefined);
}

/** The journals below `parent` that are pushed to a client, oldest first. */
export async function findPushedJournals(parent: string): Promise<FoundJournal[]> {
  return (await allJournals(parent)).filter(({ owner }) => owner.session !== undefined);
}

/**
 * Claims the journal of a dead process for this one by renaming its folder. A rename is atomic, so only one of several
 * processes succeeds.
 *
 * @returns the new folder; undefined when another process has claimed the journal
 */
export async function claimJournal({ folder }: FoundJournal): Promise<string | undefined> {
  const { pid, processStart } = processMark();
  const claimed = `${folder.replace(claim, '')}~${pid}${processStart === undefined ? '' : `-${processStart}`}`;
  try {
    await rename(folder, claimed);
    return claimed;
  } catch {
    return undefined;
  }
}

const claim = /~(\d+)(?:-(\d+))?$/;

async function allJournals(parent: string): Promise<FoundJournal[]> {
  const names = await readdir(parent).catch(() => []);
  const found: FoundJournal[] = [];
  for (const name of names) {
    const folder = join(parent, name);
    try {
      const owner = ownerIn(await readFile(join(folder, journalFiles.owner), 'utf8'));
      const indexes = segmentFolders(folder).map((segment) =>
        stat(join(segment, journalFiles.index)),
      );
      const empty = (await Promise.all(indexes)).every(({ size }) => size === 0);
      found.push({ folder, owner, alive: isAlive(holderOf(name, owner)), empty });
    } catch {
      // The folder is not a journal, or the process was killed while it created the journal.
    }
  }
  return found.sort((a, b) => (a.owner.startedAt < b.owner.startedAt ? -1 : 1));
}

const journalOwner = objectOf({
  pid: count,
  processStart: optional(text),
  startedAt: text,
  version: text,
  outputs: listOf(text),
  session: optional(objectOf({ id: text, name: text })),
});

function ownerIn(json: string): JournalOwner {
  const owner: unknown = JSON.parse(json);
  if (journalOwner(owner) !== undefined) throw new TypeError('no owner of a journal');
  return owner as JournalOwner;
}

// The process that claimed the journal, or else the one that created it.
function holderOf(name: string, owner: JournalOwner): ProcessMark {
  const [, pid, processStart] = claim.exec(name) ?? [];
  return pid === undefined ? owner : { pid: Number(pid), ...(processStart && { processStart }) };
}
