import { createServer, type ServerOpts, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type LegacyOptions, startLegacySender } from '../../src/sinks/legacy-tcp.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';
import { deadPort, listen } from '../helpers/upstream.ts';

/** The ancestor's app: it reads until what came is JSON, answers and closes. */
async function legacyApp(
  reply: (socket: Socket) => void = (socket) => socket.end('received-request'),
  options: ServerOpts = {},
) {
  const calls: unknown[] = [];
  const server = createServer(options, (socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
      try {
        calls.push(JSON.parse(text));
      } catch {
        return;
      }
      reply(socket);
    });
    socket.on('error', () => {});
  });
  const { port } = await listen(server, 'tcp', '127.0.0.1');
  return { port, calls };
}

async function sending(port: number, options: Partial<LegacyOptions> = {}) {
  const { recorder, journal } = await newRecorder();
  onTestFinished(() => journal.close());
  const warnings: string[] = [];
  const sender = startLegacySender({
    folder: journal.folder,
    host: '127.0.0.1',
    port,
    // An app that answers may be slow.
    patienceMs: 60_000,
    encode: async ({ request }) => ({ url: request.url, filling: 'é'.repeat(100_000) }),
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  journal.whenWritten(sender.written);
  const record = async (count: number) => {
    for (let i = 1; i <= count; i += 1) {
      const tap = recorder.begin(requestHead({ url: `http://api.test/${i}` }));
      tap?.response(responseHead());
      tap?.end({ kind: 'completed' });
    }
    await journal.flush();
  };
  return { sender, warnings, record };
}

const never = new AbortController().signal;

test('every call uses its own connection, in order, and gets an answer', async () => {
  const app = await legacyApp();
  const { sender, warnings, record } = await sending(app.port);
  await record(3);
  expect(await sender.finish(never)).toEqual({ taken: 3, missed: 0 });
  expect(app.calls).toMatchObject([1, 2, 3].map((n) => ({ url: `http://api.test/${n}` })));
  expect(warnings).toEqual([]);
});

test('an app that keeps its connection open has received the call', async () => {
  const app = await legacyApp((socket) => socket.write('received-request'));
  const { sender, record } = await sending(app.port);
  await record(2);
  expect(await sender.finish(never)).toEqual({ taken: 2, missed: 0 });
});

test.each([
  ['breaks off', (socket: Socket) => void socket.resetAndDestroy()],
  ['never lets go', () => {}],
])('an app that %s after its answer has received the call', async (_, then) => {
  const app = await legacyApp((socket) => socket.write('received-request', () => then(socket)), {
    allowHalfOpen: true,
  });
  const { sender, warnings, record } = await sending(app.port, { patienceMs: 1500 });
  await record(1);
  expect(await sender.finish(never)).toEqual({ taken: 1, missed: 0 });
  expect(warnings).toEqual([]);
});

test('a missing app causes one warning', async () => {
  const { sender, warnings, record } = await sending(await deadPort());
  await record(3);
  expect(await sender.finish(never)).toEqual({ taken: 0, missed: 3 });
  expect(warnings).toEqual([expect.stringMatching(/takes no calls: ECONNREFUSED/)]);
});

test.each<[string, (socket: Socket) => void, RegExp, Partial<LegacyOptions>?]>([
  ['is silent', () => {}, /it does not say received-request/, { patienceMs: 50 }],
  [
    'closes the connection',
    (socket: Socket) => void socket.end('no'),
    /it closes the connection without received-request/,
  ],
  [
    'talks of other things',
    (socket: Socket) => void socket.write('x'.repeat(5000)),
    /something else/,
  ],
  ['breaks off', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET/],
])('an app that %s causes one warning and loses its calls', async (_, reply, why, options) => {
  const app = await legacyApp(reply);
  const { sender, warnings, record } = await sending(app.port, options);
  await record(2);
  expect(await sender.finish(never)).toEqual({ taken: 0, missed: 2 });
  expect(warnings).toEqual([expect.stringMatching(why)]);
});

test('the end waits no longer than the given time', async () => {
  const app = await legacyApp(() => {});
  const { sender, record } = await sending(app.port);
  await record(5);
  expect(await sender.finish(AbortSignal.timeout(20))).toEqual({ taken: 0, missed: 5 });
});
