import { createServer, type ServerOpts, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { followJournal } from '../../src/record/journal-follower.ts';
import { type LegacyAppOptions, sendToLegacyApp } from '../../src/sinks/legacy-tcp.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';
import { deadPort, listen } from '../helpers/upstream.ts';

/** A PostmanProxy (2013) app: it reads until the text is complete JSON, answers and closes. */
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

async function sending(port: number, options: Partial<LegacyAppOptions> = {}) {
  const { recorder, journal } = await newRecorder();
  onTestFinished(() => journal.close());
  const warnings: string[] = [];
  const sink = sendToLegacyApp(followJournal(journal), {
    host: '127.0.0.1',
    port,
    // Whoever is not silent may be slow.
    answerTimeoutMs: 60_000,
    encode: async ({ request }) => ({ url: request.url, filling: 'é'.repeat(100_000) }),
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  const record = async (count: number) => {
    for (let i = 1; i <= count; i += 1) {
      const tap = recorder.begin(requestHead({ url: `http://api.test/${i}` }));
      tap?.response(responseHead());
      tap?.end({ kind: 'completed' });
    }
    await journal.flush();
  };
  return { sink, warnings, record };
}

/** The end waits for the app, not the app for the end. */
const patiently = () => ({ graceMs: 300_000, hurry: new AbortController().signal });

test('every call has its own connection, in order, and is answered', async () => {
  const app = await legacyApp();
  const { sink, warnings, record } = await sending(app.port);
  await record(3);
  expect(await sink.finish(patiently())).toEqual({ taken: 3, missed: 0 });
  expect(app.calls).toMatchObject([1, 2, 3].map((n) => ({ url: `http://api.test/${n}` })));
  expect(warnings).toEqual([]);
});

test('an app that keeps its connection open has taken the call', async () => {
  const app = await legacyApp((socket) => socket.write('received-request'));
  const { sink, record } = await sending(app.port);
  await record(2);
  expect(await sink.finish(patiently())).toEqual({ taken: 2, missed: 0 });
});

test.each([
  ['breaks off', (socket: Socket) => void socket.resetAndDestroy()],
  ['never lets go', () => {}],
])('an app that %s after its answer has received the call', async (_, then) => {
  const app = await legacyApp((socket) => socket.write('received-request', () => then(socket)), {
    allowHalfOpen: true,
  });
  const { sink, warnings, record } = await sending(app.port, { answerTimeoutMs: 1500 });
  await record(1);
  expect(await sink.finish(patiently())).toEqual({ taken: 1, missed: 0 });
  expect(warnings).toEqual([]);
});

test('a missing app causes one warning', async () => {
  const { sink, warnings, record } = await sending(await deadPort());
  await record(3);
  expect(await sink.finish(patiently())).toEqual({ taken: 0, missed: 3 });
  expect(warnings).toEqual([expect.stringMatching(/does not accept calls: ECONNREFUSED/)]);
});

test.each<[string, (socket: Socket) => void, RegExp, Partial<LegacyAppOptions>?]>([
  ['is silent', () => {}, /it does not answer received-request/, { answerTimeoutMs: 50 }],
  [
    'closes the connection',
    (socket: Socket) => void socket.end('no'),
    /it closes the connection without answering received-request/,
  ],
  [
    'talks of other things',
    (socket: Socket) => void socket.write('x'.repeat(5000)),
    /something else/,
  ],
  ['breaks off', (socket: Socket) => void socket.resetAndDestroy(), /ECONNRESET/],
])('an app that %s causes one warning and loses its calls', async (_, reply, why, options) => {
  const app = await legacyApp(reply);
  const { sink, warnings, record } = await sending(app.port, options);
  await record(2);
  expect(await sink.finish(patiently())).toEqual({ taken: 0, missed: 2 });
  expect(warnings).toEqual([expect.stringMatching(why)]);
});

test('a second call of finish waits for the same end', async () => {
  const app = await legacyApp();
  const { sink, record } = await sending(app.port);
  await record(2);
  const first = sink.finish(patiently());
  expect(await sink.finish({ ...patiently(), graceMs: 0 })).toEqual({ taken: 2, missed: 0 });
  expect(await first).toEqual({ taken: 2, missed: 0 });
});

test('the end does not wait for a silent app once somebody is in a hurry', async () => {
  const app = await legacyApp(() => {});
  const { sink, record } = await sending(app.port);
  await record(5);
  expect(await sink.finish({ ...patiently(), hurry: AbortSignal.abort() })).toEqual({
    taken: 0,
    missed: 5,
  });
});

test('the end waits for a silent app no longer than the grace', async () => {
  const app = await legacyApp(() => {});
  const { sink, record } = await sending(app.port);
  await record(5);
  expect(await sink.finish({ ...patiently(), graceMs: 20 })).toEqual({ taken: 0, missed: 5 });
});
