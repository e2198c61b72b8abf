import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SpliceEnd, splice } from '../../src/proxy/splice.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const silenceMs = 60_000;

/** Two spliced connections: the data that the client and the server received, and the end. */
function spliced() {
  const [client, ours] = duplexPair();
  const [theirs, server] = duplexPair();
  const ends: SpliceEnd[] = [];
  splice(ours, theirs, { silenceMs, onOver: (end) => ends.push(end) });
  for (const side of [client, server, ours, theirs]) side.on('error', () => {});
  return {
    client,
    server,
    ours,
    theirs,
    ends,
    toClient: heardBy(client),
    toServer: heardBy(server),
  };
}

function heardBy(stream: Duplex) {
  const heard = { text: '', isEnded: false };
  stream.on('data', (chunk) => {
    heard.text += chunk;
  });
  stream.on('end', () => {
    heard.isEnded = true;
  });
  return heard;
}

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([
  ['client', 'server', 'aborted'],
  ['server', 'client', 'completed'],
] as const)('a %s that has ended', (one, other, kind) => {
  test('still receives as long as data arrives', async () => {
    const all = spliced();
    all[one].end('last words');
    await settle();
    for (let minute = 0; minute < 10; minute += 1) {
      await vi.advanceTimersByTimeAsync(silenceMs * 0.9);
      all[other].write('more ');
      await settle();
    }
    const [to, back] =
      one === 'client' ? [all.toServer, all.toClient] : [all.toClient, all.toServer];
    expect(to).toEqual({ text: 'last words', isEnded: true });
    expect(back).toEqual({ text: 'more '.repeat(10), isEnded: false });
    all[other].end();
    await settle();
    expect(back.isEnded).toBe(true);
    expect(all.ends).toEqual([{ kind: 'completed' }]);
  });

  test('ends the other side after a long silence', async () => {
    const all = spliced();
    all[one].end();
    await settle();
    await vi.advanceTimersByTimeAsync(silenceMs * 0.9);
    expect([all.ours.destroyed, all.theirs.destroyed]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(silenceMs);
    await settle();
    expect([all.ours.destroyed, all.theirs.destroyed]).toEqual([true, true]);
    expect(all.ends).toEqual([{ kind }]);
  });
});

test('two open sides may be silent for any time', async () => {
  const { client, toServer, ends } = spliced();
  await vi.advanceTimersByTimeAsync(silenceMs * 100);
  client.write('at last');
  await settle();
  expect([toServer.text, ends]).toEqual(['at last', []]);
});

test('a side that breaks closes the other side', async () => {
  const broken = new Error('reset');
  const aborted = spliced();
  aborted.ours.destroy(broken);
  const failed = spliced();
  failed.theirs.destroy(broken);
  await settle();
  expect(aborted.theirs.destroyed && failed.ours.destroyed).toBe(true);
  expect(aborted.ends).toEqual([{ kind: 'aborted' }]);
  expect(failed.ends).toEqual([{ kind: 'failed', error: broken }]);
});

test('a connection that is already closed closes the other side', async () => {
  const [, ours] = duplexPair();
  const [theirs] = duplexPair();
  ours.destroy();
  await settle();
  const ends: SpliceEnd[] = [];
  splice(ours, theirs, { silenceMs, onOver: (end) => ends.push(end) });
  await settle();
  expect(theirs.destroyed).toBe(true);
  expect(ends).toEqual([{ kind: 'aborted' }]);
});

test('a busy reader pauses its sender', async () => {
  const [client, ours] = duplexPair();
  const [theirs, server] = duplexPair();
  const heard = heardBy(server);
  let goOn = () => {};
  let isBusy = true;
  const reader = {
    write: () => false,
    busy: () => isBusy,
    onceIdle: (callback: () => void) => {
      goOn = callback;
    },
  };
  splice(ours, theirs, { silenceMs, fromClient: reader });
  client.write('one');
  await settle();
  client.write('two');
  await settle();
  expect(heard.text).toBe('one');
  isBusy = false;
  goOn();
  await settle();
  expect(heard.text).toBe('onetwo');
});
