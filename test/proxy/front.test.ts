import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Observer, Tap } from '../../src/exchange.ts';
import { type Notice, startProxy } from '../../src/proxy/index.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { recordingProxy, sharedHome } from '../helpers/proxy.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const external = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry && !entry.internal && entry.family === 'IPv4')?.address;

test.skipIf(external === undefined)('the proxy does not listen to other machines', async () => {
  const proxy = await recordingProxy();
  const socket = connect(proxy.port, external ?? '');
  await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('a port in use is reported with a clear message', async () => {
  const { port } = await recordingProxy();
  const home = await sharedHome();
  const failed = await startProxy({ port, home, via: 'none' }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(UserError);
  expect((failed as UserError).message).toBe(`Port ${port} is already in use.`);
});

test('an address of another machine is reported with a clear message', async () => {
  const home = await sharedHome();
  const failed = startProxy({ port: 0, bind: '192.0.2.1', home, via: 'none' });
  await expect(failed).rejects.toThrow(/^Cannot listen on 192\.0\.2\.1:0/);
});

test('an observer that throws costs one request, not the proxy', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const notices: Notice[] = [];
  let throws = true;
  const observer: Observer = {
    begin() {
      if (throws) throw new Error('a bug');
      return undefined;
    },
    congested: false,
    onceDrained: (resume) => resume(),
    stop: () => {},
  };
  const home = await sharedHome();
  const onNotice = (notice: Notice) => void notices.push(notice);
  const proxy = await startProxy({ port: 0, home, via: 'none', observer, onNotice });
  onTestFinished(() => proxy.close(0));
  await expect(ask(proxy, upstream.url)).rejects.toThrow(/hang up/);
  expect(notices).toMatchObject([{ kind: 'internal', error: { message: 'a bug' } }]);
  throws = false;
  expect((await ask(proxy, upstream.url)).body.toString()).toBe('ok');
});

test('a tap that throws during a response breaks off that response only', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const ends: string[] = [];
  const tap = new Proxy({} as Tap, {
    get: (_, name) => (ending: { kind: string }) => {
      if (name === 'responseChunk') throw new Error('a bug');
      if (name === 'end') ends.push(ending.kind);
    },
  });
  const observer: Observer = {
    begin: () => tap,
    congested: false,
    onceDrained: (resume) => resume(),
    stop: () => {},
  };
  const proxy = await startProxy({ port: 0, home: await sharedHome(), via: 'none', observer });
  onTestFinished(() => proxy.close(0));
  await expect(ask(proxy, upstream.url)).rejects.toThrow(/aborted|hang up/);
  expect(ends).toEqual(['failed']);
  expect(proxy.inFlight).toBe(0);
});

/** An observer whose disk is behind at first, and the callbacks that wait for it. */
function congestedObserver(tap: Tap) {
  const disk = { congested: true, waiting: [] as (() => void)[] };
  const observer: Observer = {
    begin: () => tap,
    get congested() {
      return disk.congested;
    },
    onceDrained: (resume) => void disk.waiting.push(resume),
    stop: () => {},
  };
  return { disk, observer };
}

test('traffic waits while the disk is behind, and continues afterwards', async () => {
  const size = 5_000_000;
  const upstream = await httpUpstream((request, response) => {
    request.resume().on('end', () => response.end(Buffer.alloc(size)));
  });
  let passed = 0;
  const tap = new Proxy({} as Tap, {
    get: (_, name) => (chunk: Uint8Array) => {
      if (name !== 'requestChunk' && name !== 'responseChunk') return;
      passed += chunk.length;
      // Each chunk fills the disk's queue.
      disk.congested = true;
    },
  });
  const { disk, observer } = congestedObserver(tap);
  const { waiting } = disk;
  const proxy = await startProxy({ port: 0, home: await sharedHome(), via: 'none', observer });
  onTestFinished(() => proxy.close(0));
  const answered = ask(proxy, upstream.url, { method: 'POST', body: Buffer.alloc(size) });
  const drain = async (turns: number) => {
    for (let i = 0; i < turns; i += 1) {
      await eventually(() => expect(waiting).not.toEqual([]));
      disk.congested = false;
      for (const resume of waiting.splice(0)) resume();
    }
  };
  await drain(10);
  expect(passed).toBeGreaterThan(0);
  // Nothing passes beyond what was let through: ten chunks and what was read with them.
  expect(passed).toBeLessThan(20 * 65_536);
  const timer = setInterval(() => void drain(waiting.length > 0 ? 1 : 0), 1);
  onTestFinished(() => clearInterval(timer));
  expect((await answered).body.length).toBe(size);
  expect(passed).toBe(2 * size);
});

test('a request is not sent while the disk is behind, because its answer may come in one piece', async () => {
  let asked = 0;
  const upstream = await httpUpstream((_, response) => {
    asked += 1;
    response.end('ok');
  });
  const { disk, observer } = congestedObserver(new Proxy({} as Tap, { get: () => () => {} }));
  const { waiting } = disk;
  const proxy = await startProxy({ port: 0, home: await sharedHome(), via: 'none', observer });
  onTestFinished(() => proxy.close(0));
  const answered = ask(proxy, upstream.url);
  await eventually(() => expect(waiting).toHaveLength(1));
  // It is still full.
  waiting.shift()?.();
  await eventually(() => expect(waiting).toHaveLength(1));
  expect(asked).toBe(0);
  disk.congested = false;
  waiting.shift()?.();
  expect((await answered).body.toString()).toBe('ok');
});
