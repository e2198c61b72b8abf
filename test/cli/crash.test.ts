import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  journalsOf,
  type ListeningCli,
  newPlace,
  type Place,
  pathsIn,
  runCli,
  runTyped,
  standStill,
  startCli,
  startSave,
} from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** Asks for /1, /2, … one after the other until the proxy is gone; how many answers came. */
async function askUntilGone(cli: ListeningCli, url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let answers = 0;
  try {
    for (;;) {
      const n = answers + 1;
      await ask(cli, `${url}/${n}?pad=${'x'.repeat(n % 700)}`, { agent });
      answers = n;
    }
  } catch {
    return answers;
  } finally {
    agent.destroy();
  }
}

/** The paths of what is in a journal's index now, on whole lines. */
async function pathsOnDisk(place: Place): Promise<string[]> {
  const [journal = ''] = await journalsOf(place);
  const text = await readFile(join(journal, 'exchanges.ndjson'), 'utf8');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => new URL(JSON.parse(line).request.url).pathname);
}

async function restoredPaths(place: Place, ...args: string[]): Promise<string[]> {
  const { code, stderr } = await runCli(place, ['convert', ...args, '-o', 'restored.json']);
  expect(code, stderr).toBe(0);
  return pathsIn(await place.read('restored.json')).map((path) => path.replace(/\?.*/, ''));
}

// What has ended is on disk within 20 ms, which the journal's own tests check on a clock of their own: a process that gets
// no processor keeps nobody's time.
test.each([1, 2, 3, 4])('kill -9 loses nothing that was on disk, time %i', async (round) => {
  const upstream = await httpUpstream((_, response) => response.end('x'.repeat(5000)));
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json']);
  const asking = askUntilGone(cli, upstream.url);
  const owed = await eventually(async () => {
    const paths = await pathsOnDisk(place);
    expect(paths.length).toBeGreaterThan(round * 20);
    return paths;
  });
  const { signal } = await cli.end('SIGKILL');
  expect(signal).toBe('SIGKILL');
  const answers = await asking;

  const [journal] = await journalsOf(place);
  const restored = await restoredPaths(place, journal!);
  expect(restored).toEqual(expect.arrayContaining(owed));
  expect(await restoredPaths(place)).toEqual(restored);
  // In order of arrival, without duplicates and without requests that were not sent.
  expect(restored).toEqual(restored.map((_, at) => `/${at + 1}`));
  expect(restored.length).toBeLessThanOrEqual(answers + 1);
  expect(await place.read('restored.json')).toContain('x'.repeat(5000));
});

test('the next recording reports an interrupted one once, with a command that restores and removes it', async () => {
  const upstream = await httpUpstream((_, response) => response.end('kept'));
  const place = await newPlace();
  const killed = await startSave(place, ['-o', 't.json']);
  await ask(killed, `${upstream.url}/kept`);
  await killed.says(/\/kept/);
  await eventually(async () => {
    const [journal] = await journalsOf(place);
    expect(await readFile(`${journal}/exchanges.ndjson`, 'utf8')).toContain('/kept');
  });
  await killed.end('SIGKILL');
  const { stderr } = await runCli(place, ['save', '-o', 'next.json', '--', 'true']);
  const again = await runCli(place, ['save', '-o', 'next.json', '--', 'true']);
  expect(again.stderr).not.toContain('cut off');
  const [, command = ''] = /To restore it: (pmproxy convert [^"]+)"/.exec(stderr) ?? [];
  expect((await runTyped(place, command)).code, stderr).toBe(0);
  expect(await journalsOf(place)).toEqual([]);
  expect(pathsIn(await place.read('restored.json'))).toEqual(['/kept']);
});

test('a recording that was killed before the first exchange leaves nothing to restore', async () => {
  const place = await newPlace();
  await (await startSave(place, ['-o', 't.json'])).end('SIGKILL');
  const { stderr } = await runCli(place, ['save', '-o', 't.json', '--', 'true']);
  expect(stderr).not.toContain('cut off');
  expect(await journalsOf(place)).toEqual([]);
  const { code, stderr: said } = await runCli(place, ['convert', '-o', 'r.json']);
  expect(code).toBe(2);
  expect(said).toMatch(/^pmproxy: There is no journal .* Try: pmproxy convert <folder>/);
});

test('the output of a killed recording can be used by another one', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const place = await newPlace();
  const killed = await startSave(place, ['-o', 't.json']);
  await ask(killed, upstream.url);
  await killed.end('SIGKILL');
  const next = await startSave(place, ['-o', 't.json']);
  await ask(next, `${upstream.url}/mine`);
  expect((await next.end('SIGINT')).code).toBe(0);
  expect(pathsIn(await place.read('t.json'))).toEqual(['/mine']);
});

/** A journal of 200 exchanges and 20 MB. */
async function largeJournal(): Promise<string> {
  const { recorder, journal } = await newRecorder();
  for (let n = 1; n <= 200; n += 1) {
    const tap = recorder.begin(requestHead({ url: `http://api.test/${n}` }));
    tap?.response(responseHead({ headers: [['Content-Type', 'text/plain']] }));
    tap?.responseChunk(Buffer.from(`${n} `.repeat(30_000)));
    tap?.end({ kind: 'completed' });
  }
  await recorder.finish();
  await journal.close();
  return journal.folder;
}

test('kill -9 during the final write leaves either the old file or the new one, complete', async () => {
  const place = await newPlace();
  const journal = await largeJournal();
  const convert = (output: string, ...args: string[]) =>
    startCli(place, ['convert', journal, '-o', output, '--name', 'new', ...args]);
  await convert('t.json', '--methods', 'PUT').ended;
  await convert('whole.json').ended;
  const [old, written] = await Promise.all([place.read('t.json'), place.read('whole.json')]);
  expect(written.length).toBeGreaterThan(15_000_000);

  /** Kills one whose draft has so many bytes; whether it was still a draft then. */
  async function killAt(bytes: number): Promise<boolean> {
    const converting = convert('t.json');
    await vi.waitUntil(async () => (await draftLength(place, converting.pid)) >= bytes, {
      timeout: 90_000,
      interval: 1,
    });
    // The process is suspended, because anything may happen between looking and killing.
    await standStill(converting);
    const isDraft =
      (await draftLength(place, converting.pid)) >= bytes && isRunning(converting.pid);
    await converting.end('SIGKILL');
    return isDraft;
  }

  // The draft is there from the first byte to the last; it is killed at various lengths, and at the first for certain.
  for (const share of [0, 0.3, 0.6, 0.9, 1]) {
    let isDraft: boolean;
    do {
      await writeFile(place.path('t.json'), old);
      isDraft = await killAt(share * written.length);
      const found = await place.read('t.json');
      expect(found === old ? 'old' : found === written ? 'new' : 'half').toBe(
        isDraft ? 'old' : 'new',
      );
    } while (share === 0 && !isDraft);
  }

  // What the killed ones left is gone after one that ends well.
  expect((await convert('t.json').ended).code).toBe(0);
  expect((await readdir(place.folder)).sort()).toEqual(['t.json', 'whole.json']);
});

async function draftLength({ folder }: Place, pid: number): Promise<number> {
  const names = await readdir(folder);
  const draft = names.find((name) => name.startsWith(`.t.json.${pid}-`));
  // It has been moved to its place: it was whole.
  if (draft === undefined) return isRunning(pid) ? -1 : Number.POSITIVE_INFINITY;
  return stat(join(folder, draft)).then(
    ({ size }) => size,
    () => Number.POSITIVE_INFINITY,
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
