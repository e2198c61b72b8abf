import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Body, Exchange, RequestHead, ResponseHead } from '../../src/exchange.ts';
import { type Criteria, compileFilters, everything } from '../../src/record/filters.ts';
import { Journal } from '../../src/record/journal.ts';
import { openJournal } from '../../src/record/journal-reader.ts';
import { createRecorder, type Recorder, type RecorderOptions } from '../../src/record/recorder.ts';
import { newFolder } from './folder.ts';

/** A journal in a new folder. */
export async function newJournal(outputs: readonly string[] = []): Promise<Journal> {
  return Journal.create(await newFolder(), { version: 'test', outputs });
}

type Setup = Partial<Omit<RecorderOptions, 'journal' | 'filters'>> & {
  readonly criteria?: Partial<Criteria>;
};

/** A recorder of everything, unless told otherwise, on a new journal. */
export async function newRecorder({ criteria, ...options }: Setup = {}): Promise<{
  recorder: Recorder;
  journal: Journal;
  /** Ends the recording and reads it back, in order of arrival. */
  finish(): Promise<Exchange[]>;
}> {
  const journal = await newJournal();
  const recorder = createRecorder({
    journal,
    filters: compileFilters({ ...everything, ...criteria }),
    maxBodyBytes: Number.POSITIVE_INFINITY,
    responses: true,
    ...options,
  });
  const finish = async () => {
    await recorder.finish();
    await journal.close();
    return readJournal(journal.folder);
  };
  return { recorder, journal, finish };
}

/** Everything in a journal, with its bodies in memory, so that its files may be gone afterwards. */
export async function readJournal(folder: string): Promise<Exchange[]> {
  const journal = openJournal(folder);
  try {
    const exchanges: Exchange[] = [];
    for await (const exchange of journal.read()) exchanges.push(await inMemory(exchange));
    return exchanges;
  } finally {
    journal.close();
  }
}

async function inMemory(exchange: Exchange): Promise<Exchange> {
  const { request, outcome } = exchange;
  const key = outcome.kind === 'completed' ? 'response' : 'partial';
  const response = outcome.kind === 'completed' ? outcome.response : outcome.partial;
  return {
    ...exchange,
    request: await holding(request),
    outcome: { ...outcome, ...(response && { [key]: await holding(response) }) },
  } as Exchange;
}

async function holding<T extends { readonly body?: Body }>(message: T): Promise<T> {
  const { body } = message;
  if (body === undefined) return message;
  const bytes = await body.bytes();
  return { ...message, body: { ...body, bytes: async () => bytes } };
}

/** The head of a request, a GET unless told otherwise. */
export function requestHead(parts: Partial<RequestHead> = {}): RequestHead {
  return {
    method: 'GET',
    url: 'http://api.test/',
    httpVersion: '1.1',
    headers: [['Host', 'api.test']],
    startedAt: 1_700_000_000_000,
    ...parts,
  };
}

/** The head of an answer, a 200 unless told otherwise. */
export function responseHead(parts: Partial<ResponseHead> = {}): ResponseHead {
  return { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [], ...parts };
}

/** Puts a full disk in the place of one of the files of a journal that this process writes (Linux). */
export function fillDisk(folder: string, name: string): void {
  const path = join(folder, name);
  const found = readdirSync('/proc/self/fd').find((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
  // The lowest free descriptor is given out first; those below the one just closed are filled up.
  closeSync(Number(found));
  const opened: number[] = [];
  do opened.push(openSync('/dev/full', 'a'));
  while (opened.at(-1)! < Number(found));
  const full = opened.pop();
  for (const fd of opened) closeSync(fd);
  if (full !== Number(found)) throw new Error(`${full} is not ${found}`);
}
