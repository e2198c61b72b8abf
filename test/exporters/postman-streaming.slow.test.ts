import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Exchange, Recording } from '../../src/exchange.ts';
import { exporters } from '../../src/exporters/index.ts';
import { exchange } from '../helpers/exchanges.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const COUNT = 20_000;
const OPTIONS = {
  name: 'many',
  restrictedHeaders: false,
  secrets: 'redact',
  dedupe: true,
  variables: true,
} as const;

/** Makes its exchanges when they are read and counts those that are still held by somebody. */
function fleeting(make: (place: number) => Exchange): { recording: Recording; alive(): number } {
  const made: WeakRef<Exchange>[] = [];
  const recording: Recording = {
    size: COUNT,
    async *read(places: Iterable<number> = Array(COUNT).keys()) {
      for (const place of places) {
        const exchange = make(place);
        made.push(new WeakRef(exchange));
        yield exchange;
      }
    },
  };
  const alive = () => {
    collectGarbage();
    const held = made.filter((reference) => reference.deref() !== undefined);
    return held.length;
  };
  return { recording, alive };
}

async function mostAlive(make: (place: number) => Exchange): Promise<[number, number]> {
  const { recording, alive } = fleeting(make);
  let most = 0;
  let longest = 0;
  let chunks = 0;
  for await (const chunk of exporters['postman']!.render(recording, OPTIONS)) {
    longest = Math.max(longest, chunk.length);
    chunks += 1;
    // A WeakRef holds its target until the task ends in which it was looked at.
    if (chunks % 100 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, alive());
  }
  expect(chunks).toBeGreaterThan(200);
  return [most, longest];
}

const pad = 'x'.repeat(500);

test('20,000 different exchanges are written without being held', async () => {
  const make = (place: number) =>
    exchange({
      url: `http://api.test/items/${place}`,
      body: `{"id":${place},"pad":"${pad}"}`,
      response: { body: `{"ok":${place},"pad":"${pad}"}` },
    });
  const [most, longest] = await mostAlive(make);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(20);
  expect(longest).toBeLessThan(256 * 1024);
});

test('20,000 answers to one request are written without being held', async () => {
  const make = (place: number) =>
    exchange({ response: { body: `{"ok":${place},"pad":"${pad}"}` } });
  const [most, longest] = await mostAlive(make);
  expect(most).toBeLessThan(20);
  expect(longest).toBeLessThan(256 * 1024);
});
