import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeError, UserError } from '../../src/errors.ts';
import type { Exchange } from '../../src/exchange.ts';
import { journalFiles } from '../../src/record/journal-files.ts';
import { renderAs } from '../helpers/har.ts';
import { hardRecording } from '../helpers/hard-recording.ts';
import { folderWith, open } from '../helpers/inputs.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';
import { fc, runs } from '../helpers/properties.ts';

/** A journal's index with everything that a line can hold. */
async function journalIndex(): Promise<{ folder: string; index: string }> {
  const { recorder, journal } = await newRecorder();
  const tap = recorder.begin(
    requestHead({ method: 'POST', client: '127.0.0.1:1', rewritten: ['Origin'] }),
  );
  tap?.requestChunk(Buffer.from('{"a":1}'));
  tap?.requestTrailers([['X-End', '1']]);
  tap?.connected('127.0.0.1:2');
  tap?.informational({ status: 103, headers: [['Link', '<a>']] });
  tap?.response(responseHead({ headers: [['Content-Type', 'application/json']] }));
  tap?.responseChunk(Buffer.from('x'.repeat(200_000)));
  tap?.end({ kind: 'completed' });
  const socket = recorder.begin(requestHead({ url: 'http://api.test/socket' }));
  socket?.response(responseHead({ status: 101 }));
  for (const opcode of [1, 2, 8])
    socket?.webSocketMessage({ from: 'client', at: 1, opcode, data: Buffer.from('\u0003\u00e8') });
  socket?.end({ kind: 'completed' });
  const failed = recorder.begin(requestHead({ url: 'http://api.test/failed' }));
  failed?.response(responseHead());
  failed?.end({ kind: 'failed', reason: { kind: 'reset', message: 'gone' } });
  recorder.begin(requestHead({ url: 'http://api.test/aborted' }))?.end({ kind: 'aborted' });
  await recorder.finish();
  await journal.close();
  const index = await readFile(join(journal.folder, journalFiles.index), 'utf8');
  return { folder: journal.folder, index };
}

const ODD = [
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  'x',
  '../../etc/passwd',
  [],
  [[]],
  [null],
  {},
  { __proto__: null, length: 3 },
  [1, 2, 3],
  [0, 1e15],
];

/** Where to change a value, as a number for each level, and what to put there; undefined takes it out. */
type Mutation = { readonly steps: readonly number[]; readonly odd: unknown };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  steps: fc.array(fc.nat(30), { minLength: 1, maxLength: 7 }),
  odd: fc.oneof(fc.constant(undefined), fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 })),
});

function mutated(value: unknown, { steps, odd }: Mutation): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof value !== 'object' || value === null) return odd;
  const keys = Object.keys(value);
  const key = keys[step % keys.length];
  if (key === undefined) return odd;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const found = (value as Record<string, unknown>)[key];
  copy[key] = rest.length === 0 ? odd : mutated(found, { steps: rest, odd });
  return copy;
}

/** Reads all of an input as `convert` does, with what is read later; the faults that were told of. */
async function faultsIn(path: string): Promise<unknown[]> {
  const faults: unknown[] = [];
  const told = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      faults.push(error);
    }
  };
  await told(async () => {
    const input = await open(path, (fault) => faults.push(fault));
    for (let place = 0; place < input.size; place += 1)
      await told(async () => {
        for await (const exchange of input.read([place])) await told(() => renderAll(exchange));
      });
  });
  return faults;
}

async function renderAll(exchange: Exchange): Promise<void> {
  for (const format of ['har', 'postman', 'openapi', 'curl'] as const)
    await renderAs(format, [exchange]);
}

const isSaid = (fault: unknown) =>
  fault instanceof UserError && !/undefined|\[object/.test(fault.message);

let journal: { folder: string; index: string };
const texts = new Map<string, string>();
beforeAll(async () => {
  journal = await journalIndex();
  const exchanges: Exchange[] = [];
  for await (const exchange of hardRecording().read()) exchanges.push(exchange);
  for (const format of ['har', 'ndjson', 'postman', 'postman-v2.0', 'postman-v1'] as const)
    texts.set(format, await renderAs(format, exchanges.slice(0, 12)));
});

test('every change to a line of a journal is either read or reported with its line, without loss of others', async () => {
  const lines = journal.index.trimEnd().split('\n');
  const path = join(journal.folder, journalFiles.index);
  await fc.assert(
    fc.asyncProperty(fc.nat(lines.length - 1), mutation, async (at, change) => {
      const changed = mutated(JSON.parse(lines[at]!), change);
      const text = lines.with(at, JSON.stringify(changed) ?? 'undefined').join('\n');
      await writeFile(path, `${text}\n`);
      const faults = await faultsIn(journal.folder);
      expect(faults.length).toBeLessThan(2);
      for (const fault of faults) {
        expect(isSaid(fault), (fault as Error).stack).toBe(true);
        expect(describeError(fault)).toContain(`line ${at + 1} of exchanges.ndjson`);
      }
    }),
    { numRuns: runs(300) },
  );
});

test.each(['har', 'ndjson', 'postman', 'postman-v2.0', 'postman-v1'])(
  'every change to a file of %s is either read or reported with a message',
  async (format) => {
    const text = texts.get(format)!;
    const isLines = format === 'ndjson';
    const values = (isLines ? text.trimEnd().split('\n') : [text]).map((one) => JSON.parse(one));
    await fc.assert(
      fc.asyncProperty(fc.nat(values.length - 1), mutation, async (at, change) => {
        const changed = values.with(at, mutated(values[at], change));
        const content = changed.map((value) => JSON.stringify(value) ?? '').join('\n');
        const faults = await faultsIn(join(await folderWith({ input: content }), 'input'));
        for (const fault of faults) expect(isSaid(fault), (fault as Error).stack).toBe(true);
      }),
      { numRuns: runs(60) },
    );
  },
);
