import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Exchange, Recording } from '../../src/exchange.ts';
import { gather } from '../../src/importers/gathering.ts';
import type { Input, OnFault } from '../../src/importers/index.ts';
import { exchange } from '../helpers/exchanges.ts';

const fault = new UserError('broken');

/** Places hold an exchange, a fault, or nothing that is HTTP. */
function inputOf(places: readonly (Exchange | UserError | undefined)[]): Input {
  return {
    size: places.length,
    async *read(order: Iterable<number> = places.keys()) {
      for (const place of order) {
        const found = places[place];
        if (found instanceof UserError) throw found;
        if (found !== undefined) yield found;
      }
    },
    close: async () => {},
  };
}

const pathsOf = async (recording: Recording, order?: readonly number[]) => {
  const paths: string[] = [];
  for await (const { seq, request } of recording.read(order))
    paths.push(`${seq} ${new URL(request.url).pathname}`);
  return paths;
};

const at = (path: string, parts: Partial<Exchange> = {}): Exchange => ({
  ...exchange({ url: `http://api.test/${path}` }),
  ...parts,
});

const mixed = () =>
  inputOf([
    fault,
    at('a', { seq: 1 }),
    undefined,
    at('unwanted', { seq: 3 }),
    at('b', { seq: 4, outcome: { kind: 'unfinished' } }),
    undefined,
    at('c', { seq: 6 }),
    fault,
  ]);

const wanted = ({ request }: Pick<Exchange, 'request'>) => !request.url.endsWith('unwanted');

function gathered(inputs: readonly Input[]) {
  const faults: UserError[] = [];
  const onFault: OnFault = (found) => faults.push(found);
  return { ...gather(inputs, wanted, onFault), faults };
}

const COUNTS = { filteredOut: 1, incomplete: 1, notHttp: 2 };

test('an input is counted during its first reading, and later readings are the same', async () => {
  const { recording, counts, faults } = gathered([mixed()]);
  for (let reading = 0; reading < 3; reading += 1)
    expect(await pathsOf(recording)).toEqual(['1 /a', '4 /b', '6 /c']);
  expect(await pathsOf(recording, [2, 0, 7])).toEqual(['6 /c', '1 /a']);
  expect(counts).toEqual(COUNTS);
  expect(recording.size).toBe(3);
  expect(faults).toEqual([fault, fault]);
});

test('positions can be requested before everything was read', async () => {
  const { recording, counts } = gathered([mixed()]);
  expect(await pathsOf(recording, [2, 1])).toEqual(['6 /c', '4 /b']);
  expect(counts).toEqual(COUNTS);
});

test('an interrupted first reading is not counted', async () => {
  const { recording, counts } = gathered([mixed()]);
  for await (const { request } of recording.read()) if (request.url.endsWith('/b')) break;
  expect(await pathsOf(recording)).toEqual(['1 /a', '4 /b', '6 /c']);
  expect(counts).toEqual(COUNTS);
  expect(recording.size).toBe(3);
});

test('exchanges of several inputs have unique numbers in every reading', async () => {
  const early = inputOf([undefined, at('early', { seq: 6, startedAt: 1 })]);
  const { recording, counts, faults } = gathered([mixed(), early]);
  const paths = ['1 /early', '2 /a', '3 /b', '4 /c'];
  for (let reading = 0; reading < 2; reading += 1) expect(await pathsOf(recording)).toEqual(paths);
  expect(await pathsOf(recording, [3, 0])).toEqual(['4 /c', '1 /early']);
  expect(counts).toEqual({ ...COUNTS, notHttp: 3 });
  expect(faults).toEqual([fault, fault]);
});

test('a fault that stops the reading leaves nothing gathered', async () => {
  const { recording } = gather([mixed()], wanted, (found) => {
    throw found;
  });
  await expect(pathsOf(recording)).rejects.toBe(fault);
  expect(recording.size).toBe(0);
  await expect(pathsOf(recording)).rejects.toBe(fault);
});
