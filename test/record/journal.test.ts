import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { WebSocketMessage } from '../../src/exchange.ts';
import { Journal } from '../../src/record/journal.ts';
import { journalFiles } from '../../src/record/journal-files.ts';
import { openJournal } from '../../src/record/journal-reader.ts';
import { findJournals } from '../../src/record/journals.ts';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import {
  fillDisk,
  newJournal,
  newRecorder,
  readJournal,
  requestHead,
  responseHead,
} from '../helpers/journal.ts';

/** A line of the index with what a line must have. */
function line(seq: number, parts: object = {}): string {
  const stored = {
    seq,
    id: `id-${seq}`,
    startedAt: 1,
    request: { method: 'GET', url: `http://api.test/${seq}`, httpVersion: '1.1', headers: [] },
    outcome: { kind: 'completed' },
    timings: { endMs: 1 },
    connection: {},
    ...parts,
  };
  return `${JSON.stringify(stored)}\n`;
}

async function journalWith(...lines: string[]): Promise<string> {
  const journal = await newJournal();
  for (const text of lines) journal.append(text);
  await journal.close();
  return journal.folder;
}

const urls = async (folder: string) =>
  (await readJournal(folder)).map(({ request }) => request.url.slice('http://api.test/'.length));

test('exchanges that ended out of order are read in the order in which they began', async () => {
  expect(await urls(await journalWith(line(3), line(1), line(20), line(2)))).toEqual([
    '1',
    '2',
    '3',
    '20',
  ]);
});

test('exchanges are read by index, in the given order, also twice', async () => {
  const journal = openJournal(await journalWith(line(3), line(1), line(2)));
  onTestFinished(() => journal.close());
  const seqs: number[] = [];
  for await (const { seq } of journal.read([2, 0, 0, 7])) seqs.push(seq);
  expect(seqs).toEqual([3, 1, 1]);
  expect(journal.size).toBe(3);
});

test('an appended line is written within 20 ms without a flush', async () => {
  const journal = await newJournal();
  const file = join(journal.folder, journalFiles.index);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  journal.append(line(1));
  // A clock of our own: what is not due by then is never written.
  vi.advanceTimersByTime(20);
  vi.useRealTimers();
  await eventually(async () => expect((await stat(file)).size).toBeGreaterThan(0));
  await journal.close();
});

test('bodies are written to one blob, in order of arrival', async () => {
  const journal = await newJournal();
  expect(journal.put([Buffer.from('ab'), Buffer.from('c')])).toEqual([0, 3]);
  expect(journal.put([])).toEqual([3, 0]);
  expect(journal.put([Buffer.from('def')])).toEqual([3, 3]);
  journal.append(line(1));
  await journal.close();
  expect(await readFile(join(journal.folder, journalFiles.blob), 'utf8')).toBe('abcdef');
});

test('an index that is larger than the read window is read completely', async () => {
  const padding = 'x'.repeat(700_000);
  const lines = [1, 2, 3, 4, 5].map((seq) => line(seq, { id: `${padding}${seq}` }));
  const exchanges = await readJournal(await journalWith(...lines));
  expect(exchanges.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map((seq) => `${padding}${seq}`));
});

test('bodies that are read in sequence share a window, and a jump reads a small one', async () => {
  const journal = await newJournal();
  const places = Array.from({ length: 1000 }, () => journal.put([Buffer.alloc(1000, 'x')]));
  const body = (blob: readonly number[]) => ({ of: 'request', size: 1000, encoding: [], blob });
  const asked = { method: 'POST', url: 'http://api.test/', httpVersion: '1.1', headers: [] };
  for (const [index, blob] of places.entries())
    journal.append(line(index + 1, { request: { ...asked, body: body(blob) } }));
  await journal.close();
  const opened = openJournal(journal.folder);
  onTestFinished(() => opened.close());
  const windows = async (order?: readonly number[]) => {
    const found = new Set<ArrayBufferLike>();
    for await (const { request } of opened.read(order)) {
      const bytes = await request.body?.bytes();
      if (bytes !== undefined) found.add(bytes.buffer);
    }
    return [...found];
  };
  expect((await windows()).length).toBeLessThan(20);
  const jumps = await windows([900, 50, 700, 200, 500]);
  expect(jumps.length).toBe(5);
  expect(Math.max(...jumps.map(({ byteLength }) => byteLength))).toBeLessThan(16 * 1024);
});

test('an incomplete last line is ignored', async () => {
  const folder = await journalWith(line(1), line(2));
  await appendFile(join(folder, journalFiles.index), line(3).slice(0, -20));
  expect(await urls(folder)).toEqual(['1', '2']);
});

test('an empty journal is an empty recording', async () => {
  expect(await urls(await journalWith())).toEqual([]);
});

test('the error of an invalid line names it', async () => {
  const folder = await journalWith(line(1), 'nonsense\n', line(3));
  await expect(readJournal(folder)).rejects.toThrow(
    new UserError(
      `The journal ${folder} is damaged at line 2 of exchanges.ndjson: it is not JSON.`,
    ),
  );
});

test.each([
  ['it is not JSON', '{"seq":1,"id":oops}\n'],
  ['request.url is missing or malformed', line(1, { request: { method: 'GET' } })],
  ['outcome.kind is missing or malformed', line(1, { outcome: {} })],
  ['timings is missing or malformed', line(1, { timings: undefined })],
])('%s is reported with its line', async (fault, text) => {
  const folder = await journalWith(text);
  await expect(readJournal(folder)).rejects.toThrow(
    new UserError(`The journal ${folder} is damaged at line 1 of exchanges.ndjson: ${fault}.`),
  );
});

test('a damaged line does not affect the others', async () => {
  const journal = openJournal(await journalWith(line(1), 'nonsense\n', line(3)));
  onTestFinished(() => journal.close());
  const seqs: number[] = [];
  for await (const { seq } of journal.read([0, 2])) seqs.push(seq);
  expect(seqs).toEqual([1, 3]);
});

test.each([
  ['a blob that is too short', journalFiles.blob, 'small', 'byte 0 of bodies.bin'],
  ['a body whose file is gone', '1.response', 'x'.repeat(200_000), '1.response'],
])('%s is reported as damage', async (_, name, text, where) => {
  const { recorder, journal } = await newRecorder();
  const tap = recorder.begin(requestHead());
  tap?.response(responseHead());
  tap?.responseChunk(Buffer.from(text));
  tap?.end({ kind: 'completed' });
  await recorder.finish();
  await journal.close();
  if (name === journalFiles.blob) await truncate(join(journal.folder, name), 2);
  else await unlink(join(journal.folder, name));
  await expect(readJournal(journal.folder)).rejects.toThrow(
    new UserError(
      `The journal ${journal.folder} is damaged at line 1 of exchanges.ndjson: ${where} is missing.`,
    ),
  );
});

test('a folder that is not a journal is refused with a message', async () => {
  const folder = await newFolder();
  expect(() => openJournal(folder)).toThrow(UserError);
  expect(() => openJournal(folder)).toThrow(/is not a journal of pmproxy: it has no exchanges/);
  expect(() => openJournal(join(folder, 'missing'))).toThrow(UserError);
});

test('a folder that cannot be written is refused with a message', async () => {
  const file = join(await newFolder(), 'file');
  await writeFile(file, '');
  await expect(Journal.create(file, { version: 'test', outputs: [] })).rejects.toThrow(
    /^Cannot keep a journal in .*ENOTDIR/,
  );
});

test('the journal and its files are private to their owner under any umask', async () => {
  const before = process.umask(0);
  const journal = await newJournal().finally(() => process.umask(before));
  const mode = async (name: string) => (await stat(join(journal.folder, name))).mode & 0o777;
  expect((await stat(journal.folder)).mode & 0o777).toBe(0o700);
  for (const name of Object.values(journalFiles)) expect(await mode(name), name).toBe(0o600);
  await journal.close();
});

test('removing a journal leaves nothing behind', async () => {
  const journal = await newJournal();
  journal.append(line(1));
  await journal.remove();
  await expect(stat(journal.folder)).rejects.toThrow('ENOENT');
});

test('a small batch is written at once, also after a large one', async () => {
  const journal = await newJournal();
  for (const bytes of [2 * 1024 * 1024, 2 * 1024 * 1024]) {
    journal.put([Buffer.alloc(bytes)]);
    journal.append(line(1));
    await journal.flush();
  }
  const body = Buffer.from('the last one');
  const [offset, length] = journal.put([body]);
  journal.append(line(2));
  // The process may be about to end.
  void journal.flush();
  const blob = readFileSync(join(journal.folder, journalFiles.blob));
  expect(blob.subarray(offset, offset + length)).toEqual(body);
  expect(readFileSync(join(journal.folder, journalFiles.index), 'utf8')).toMatch(/"seq":2,.*\n$/);
  await journal.close();
});

test('a flush ends while more and more is appended', async () => {
  const journal = await newJournal();
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const add = () => {
    if (isOver) return;
    if (!journal.congested) {
      journal.put([Buffer.alloc(300 * 1024)]);
      journal.append(line(1));
    }
    setImmediate(add);
  };
  add();
  await journal.flush();
  isOver = true;
  await journal.close();
});

test('what comes after the end reaches no other file that has got the descriptor of the blob', async () => {
  const journal = await newJournal();
  const blob = journal.segments[0]?.blob ?? -1;
  await journal.close();
  const path = join(await newFolder(), 'other');
  const opened: number[] = [];
  while (!opened.includes(blob)) opened.push(openSync(path, 'a+'));
  onTestFinished(() => {
    for (const file of opened) closeSync(file);
  });
  journal.put([Buffer.from('secret')]);
  journal.append(line(1));
  await journal.flush();
  expect(await readFile(path, 'utf8')).toBe('');
});

test('a journal is congested while too much waits for the disk', async () => {
  const journal = await newJournal();
  journal.put([Buffer.alloc(33 * 1024 * 1024)]);
  expect(journal.congested).toBe(true);
  journal.append(line(1));
  await new Promise<void>((resume) => journal.onceDrained(resume));
  expect(journal.congested).toBe(false);
  await journal.close();
});

test('bytes that wait for other files count as well', async () => {
  const journal = await newJournal();
  journal.countPending(33 * 1024 * 1024);
  expect(journal.congested).toBe(true);
  const drained = new Promise<void>((resume) => journal.onceDrained(resume));
  journal.countPending(-33 * 1024 * 1024);
  await drained;
  expect(journal.congested).toBe(false);
  await journal.close();
});

test('onceDrained calls back at once when the journal is not congested', async () => {
  const journal = await newJournal();
  await new Promise<void>((resume) => journal.onceDrained(resume));
  await journal.close();
});

test.runIf(process.platform === 'linux').each([journalFiles.index, journalFiles.blob])(
  'a full disk under %s is reported once, lets traffic pass, and stops all writing',
  async (name) => {
    const journal = await newJournal();
    const failures: Error[] = [];
    journal.onFailure = (error) => failures.push(error);
    journal.append(line(1));
    await journal.flush();
    fillDisk(journal.folder, name);
    journal.put([Buffer.alloc(33 * 1024 * 1024)]);
    journal.append(line(2));
    const released = new Promise<void>((resume) => journal.onceDrained(resume));
    const flushed = journal.flush();
    // Before the failure is known: this waits behind the batch that fails.
    journal.append(line(3));
    await Promise.all([released, flushed]);
    expect(failures.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC']);
    journal.put([Buffer.alloc(33 * 1024 * 1024)]);
    journal.append(line(4));
    expect(journal.congested).toBe(false);
    await journal.close();
    expect(failures).toHaveLength(1);
    expect(await urls(journal.folder)).toEqual(['1']);
  },
);

test('WebSocket messages are read back unchanged and in order', async () => {
  const messages: WebSocketMessage[] = [
    { from: 'client', at: 1, opcode: 1, data: Buffer.from('grüße 😀') },
    { from: 'server', at: 2, opcode: 2, data: Buffer.from([0, 255, 10, 13]) },
    { from: 'server', at: 3, opcode: 9, data: Buffer.alloc(0) },
    { from: 'server', at: 4, opcode: 8, data: Buffer.from([0x03, 0xe9, 0x62, 0x79, 0x65]) },
  ];
  const { recorder, journal } = await newRecorder();
  const tap = recorder.begin(requestHead());
  tap?.response(responseHead({ status: 101 }));
  for (const message of messages) tap?.webSocketMessage(message);
  tap?.end({ kind: 'completed' });
  await recorder.finish();
  await journal.close();
  const reading = openJournal(journal.folder);
  onTestFinished(() => reading.close());
  for await (const { webSocket } of reading.read()) {
    expect(webSocket).toMatchObject({ count: 4, closed: { code: 1001, reason: 'bye' } });
    const restored: WebSocketMessage[] = [];
    for await (const message of webSocket!.messages()) restored.push(message);
    expect(restored).toEqual(messages);
  }
  expect(reading.size).toBe(1);
});

test('journals are found with their owners, oldest first, and other folders are ignored', async () => {
  const parent = await newFolder();
  const first = await Journal.create(parent, { version: 'test', outputs: ['/a'] });
  first.append(line(1));
  await first.close();
  const second = await Journal.create(parent, { version: 'test', outputs: [] });
  await second.close();
  const owner = JSON.parse(await readFile(join(second.folder, journalFiles.owner), 'utf8'));
  const earlier = { ...owner, startedAt: '2000-01-01T00:00:00.000Z' };
  await writeFile(join(second.folder, journalFiles.owner), JSON.stringify(earlier));
  await mkdir(join(parent, '20000101-000000-empty'));
  appendFileSync(join(parent, 'file'), 'x');
  const found = await findJournals(parent);
  expect(found).toMatchObject([
    { folder: second.folder, alive: true, empty: true },
    { folder: first.folder, alive: true, empty: false, owner: { outputs: ['/a'] } },
  ]);
});

test.runIf(process.platform === 'linux')(
  'a journal whose process id was reused belongs to a dead process',
  async () => {
    const journal = await newJournal();
    await journal.close();
    const file = join(journal.folder, journalFiles.owner);
    const owner = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...owner, processStart: '1' }));
    const [found] = await findJournals(join(journal.folder, '..'));
    expect(found?.alive).toBe(false);
  },
);

test('without a folder there are no journals', async () => {
  expect(await findJournals(join(await newFolder(), 'none'))).toEqual([]);
});
