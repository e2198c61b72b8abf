import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type Body, type Exchange, responseOf, type Tap } from '../../src/exchange.ts';
import { urlPattern } from '../../src/options/patterns.ts';
import { spillBytes } from '../../src/record/body-capture.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';
import { fc, runs } from '../helpers/properties.ts';

const text = async (body: Body | undefined) => Buffer.from((await body?.bytes()) ?? []).toString();

/** Plays an exchange that is answered whole. */
function answered(tap: Tap | undefined, body = 'answer', head = responseHead()): void {
  tap?.response(head);
  if (body !== '') tap?.responseChunk(Buffer.from(body));
  tap?.end({ kind: 'completed' });
}

test('an exchange is read back as it was recorded', async () => {
  const { recorder, finish } = await newRecorder();
  const tap = recorder.begin(requestHead({ method: 'POST', client: '127.0.0.1:5', startedAt: 7 }));
  tap?.requestChunk(Buffer.from('ques'));
  tap?.connected('127.0.0.1:80');
  tap?.requestChunk(Buffer.from('tion'));
  tap?.requestTrailers([['X-Sum', '1']]);
  tap?.requestSent();
  tap?.informational({ status: 103, headers: [['Link', '</a>']] });
  tap?.response(
    responseHead({ status: 201, statusText: 'Made', headers: [['Content-Encoding', 'gzip, BR']] }),
  );
  tap?.responseChunk(Buffer.from('answer'));
  tap?.responseTrailers([['X-Sum', '2']]);
  tap?.end({ kind: 'completed' });
  const [exchange] = await finish();
  expect(exchange).toMatchObject({
    seq: 1,
    startedAt: 7,
    request: {
      method: 'POST',
      url: 'http://api.test/',
      httpVersion: '1.1',
      headers: [['Host', 'api.test']],
      trailers: [['X-Sum', '1']],
      body: { size: 8, encoding: [] },
    },
    outcome: {
      kind: 'completed',
      response: {
        status: 201,
        statusText: 'Made',
        headers: [['Content-Encoding', 'gzip, BR']],
        trailers: [['X-Sum', '2']],
        informational: [{ status: 103, headers: [['Link', '</a>']] }],
        body: { size: 6, encoding: ['gzip', 'br'] },
      },
    },
    connection: { client: '127.0.0.1:5', upstream: '127.0.0.1:80' },
  });
  const { connectedMs, sentMs, headMs, endMs } = exchange!.timings;
  expect(connectedMs).toBeLessThanOrEqual(sentMs!);
  expect(sentMs).toBeLessThanOrEqual(headMs!);
  expect(headMs).toBeLessThanOrEqual(endMs);
  expect(await text(exchange?.request.body)).toBe('question');
  expect(await text(responseOf(exchange!.outcome)?.body)).toBe('answer');
});

test('onExchange gets the same exchange as the journal, including its bodies', async () => {
  const shown: Exchange[] = [];
  const { recorder, finish } = await newRecorder({ onExchange: (one) => shown.push(one) });
  answered(recorder.begin(requestHead()), 'small');
  answered(recorder.begin(requestHead()), 'x'.repeat(spillBytes + 1));
  const bodies = await Promise.all(shown.map((one) => text(responseOf(one.outcome)?.body)));
  expect(bodies[0]).toBe('small');
  const recorded = await finish();
  const plain = (exchange: Exchange | undefined) => JSON.parse(JSON.stringify(exchange));
  expect(shown.map(plain)).toMatchObject(recorded.map(plain));
});

describe('bodies', () => {
  test('a body beyond the threshold is stored in its own file and read unchanged', async () => {
    const { recorder, journal, finish } = await newRecorder();
    const bytes = Buffer.from(Array.from({ length: 3 * spillBytes }, (_, at) => (at * 7) % 251));
    const tap = recorder.begin(requestHead());
    for (let at = 0; at < bytes.length; at += 10_000) {
      tap?.requestChunk(bytes.subarray(at, at + 10_000));
    }
    answered(tap, 'small');
    const [exchange] = await finish();
    expect(await readdir(journal.folder)).toContain('1.request');
    expect(Buffer.compare(Buffer.from(await exchange!.request.body!.bytes()), bytes)).toBe(0);
    expect(await text(responseOf(exchange!.outcome)?.body)).toBe('small');
  });

  test.each([
    ['within one chunk', 3, ['abcdef']],
    ['between chunks', 3, ['abc', 'def']],
    ['across chunks', 3, ['ab', 'cdef']],
    ['nothing at all', 0, ['abcdef']],
  ])('a body beyond --max-body is cut and marked: %s', async (_, maxBodyBytes, chunks) => {
    const { recorder, finish } = await newRecorder({ maxBodyBytes });
    const tap = recorder.begin(requestHead());
    for (const chunk of chunks) tap?.requestChunk(Buffer.from(chunk));
    answered(tap, '');
    const [exchange] = await finish();
    expect(exchange?.request.body).toMatchObject({ size: 6, cut: true });
    expect(await text(exchange?.request.body)).toBe('abc'.slice(0, maxBodyBytes));
  });

  test('a body that just fits is not marked', async () => {
    const { recorder, finish } = await newRecorder({ maxBodyBytes: 6 });
    answered(recorder.begin(requestHead()), 'answer');
    const [exchange] = await finish();
    expect(responseOf(exchange!.outcome)?.body).not.toHaveProperty('cut');
  });

  test('a large body is truncated in its own file too', async () => {
    const maxBodyBytes = spillBytes + 10;
    const { recorder, finish } = await newRecorder({ maxBodyBytes });
    answered(recorder.begin(requestHead()), 'x'.repeat(2 * spillBytes));
    const [exchange] = await finish();
    const body = responseOf(exchange!.outcome)?.body;
    expect(body).toMatchObject({ size: 2 * spillBytes, cut: true });
    expect((await body!.bytes()).length).toBe(maxBodyBytes);
  });

  test('an exchange without a body has none', async () => {
    const { recorder, finish } = await newRecorder();
    answered(recorder.begin(requestHead()), '');
    const [exchange] = await finish();
    expect([exchange?.request.body, responseOf(exchange!.outcome)?.body]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('filters', () => {
  test('a request that the filters reject gets no tap', async () => {
    const { recorder, finish } = await newRecorder({ criteria: { url: [urlPattern.parse('/a')] } });
    expect(recorder.begin(requestHead({ url: 'http://api.test/b' }))).toBeUndefined();
    answered(recorder.begin(requestHead({ url: 'http://api.test/a' })));
    expect((await finish()).map(({ seq }) => seq)).toEqual([2]);
    expect(recorder.counts).toEqual({ recorded: 1, filtered: 1, incomplete: 0 });
  });

  test('an exchange is dropped when the filters reject its response', async () => {
    const { recorder, journal, finish } = await newRecorder({
      criteria: { status: [{ from: 400, to: 499 }] },
    });
    const tap = recorder.begin(requestHead());
    tap?.requestChunk(Buffer.alloc(2 * spillBytes));
    answered(tap, 'x'.repeat(2 * spillBytes));
    answered(recorder.begin(requestHead()), '', responseHead({ status: 404 }));
    const exchanges = await finish();
    expect(exchanges.map(({ outcome }) => responseOf(outcome)?.status)).toEqual([404]);
    expect(recorder.counts).toEqual({ recorded: 1, filtered: 1, incomplete: 0 });
    expect(await readdir(journal.folder)).not.toContain('1.response');
  });

  test('an exchange without a response is filtered when it ends', async () => {
    const { recorder, finish } = await newRecorder({
      criteria: { status: [{ from: 200, to: 299 }] },
    });
    recorder
      .begin(requestHead())
      ?.end({ kind: 'failed', reason: { kind: 'refused', message: 'refused' } });
    expect(await finish()).toEqual([]);
    expect(recorder.counts).toEqual({ recorded: 0, filtered: 1, incomplete: 0 });
  });
});

test('--no-responses keeps requests and their outcomes, and still filters by the response', async () => {
  const { recorder, finish } = await newRecorder({
    responses: false,
    criteria: { status: [{ from: 200, to: 299 }] },
  });
  answered(recorder.begin(requestHead({ url: 'http://api.test/ok' })));
  answered(recorder.begin(requestHead()), 'x', responseHead({ status: 500 }));
  const exchanges = await finish();
  expect(exchanges.map(({ request }) => request.url)).toEqual(['http://api.test/ok']);
  expect(exchanges[0]?.outcome).toEqual({ kind: 'completed' });
});

describe('endings', () => {
  test('a failed exchange keeps its reason and what had arrived', async () => {
    const { recorder, finish } = await newRecorder();
    const tap = recorder.begin(requestHead());
    tap?.response(responseHead());
    tap?.responseChunk(Buffer.from('par'));
    const reason = { kind: 'reset', message: 'broke off' } as const;
    tap?.end({ kind: 'failed', reason });
    const [exchange] = await finish();
    expect(exchange?.outcome).toMatchObject({ kind: 'failed', reason, partial: { status: 200 } });
    expect(await text(responseOf(exchange!.outcome)?.body)).toBe('par');
    expect(recorder.counts).toEqual({ recorded: 1, filtered: 0, incomplete: 1 });
  });

  test('an exchange whose client disconnected is aborted, not failed', async () => {
    const { recorder, finish } = await newRecorder();
    recorder.begin(requestHead())?.end({ kind: 'aborted' });
    expect((await finish())[0]?.outcome).toEqual({ kind: 'aborted' });
    expect(recorder.counts.incomplete).toBe(1);
  });

  test('an exchange in flight when the recording stops is unfinished, with what had arrived', async () => {
    const { recorder, finish } = await newRecorder();
    const tap = recorder.begin(requestHead({ method: 'POST' }));
    tap?.requestChunk(Buffer.from('upl'));
    const streaming = recorder.begin(requestHead());
    streaming?.response(responseHead());
    streaming?.responseChunk(Buffer.from('data: 1\n\n'));
    recorder.stop();
    // What the relay still says while it is broken off changes nothing.
    tap?.requestChunk(Buffer.from('oad'));
    tap?.end({ kind: 'aborted' });
    streaming?.responseChunk(Buffer.from('data: 2\n\n'));
    streaming?.end({ kind: 'completed' });
    const [upload, stream] = await finish();
    expect([upload?.outcome.kind, stream?.outcome.kind]).toEqual(['unfinished', 'unfinished']);
    expect(await text(upload?.request.body)).toBe('upl');
    expect(await text(responseOf(stream!.outcome)?.body)).toBe('data: 1\n\n');
    expect(recorder.counts.recorded).toBe(2);
  });

  test('the end of a recording waits until large bodies are written', async () => {
    const { recorder, finish } = await newRecorder();
    const tap = recorder.begin(requestHead());
    for (let n = 0; n < 64; n += 1) tap?.requestChunk(Buffer.alloc(spillBytes, n));
    const [exchange] = await finish();
    expect((await exchange!.request.body!.bytes()).length).toBe(64 * spillBytes);
  });
});

describe('WebSockets', () => {
  const message = (data: string) =>
    ({ from: 'client', at: 1, opcode: 1, data: Buffer.from(data) }) as const;

  test('messages beyond --max-body are counted, and each is kept whole or not at all', async () => {
    const { recorder, finish } = await newRecorder({ maxBodyBytes: 120 });
    const tap = recorder.begin(requestHead());
    for (const data of ['one', 'two', 'three', 'four']) tap?.webSocketMessage(message(data));
    tap?.end({ kind: 'completed' });
    const [exchange] = await finish();
    expect(exchange?.webSocket).toMatchObject({ count: 4, cut: true });
  });

  test('unreadable frames leave a mark', async () => {
    const { recorder, finish } = await newRecorder();
    const tap = recorder.begin(requestHead());
    tap?.webSocketUnreadable();
    tap?.end({ kind: 'completed' });
    expect((await finish())[0]?.webSocket).toMatchObject({ count: 0, cut: true });
  });

  test('a close frame without a code is 1005', async () => {
    const { recorder, finish } = await newRecorder();
    const tap = recorder.begin(requestHead());
    tap?.webSocketMessage({ from: 'server', at: 1, opcode: 8, data: new Uint8Array() });
    tap?.end({ kind: 'completed' });
    expect((await finish())[0]?.webSocket?.closed).toEqual({ code: 1005, reason: '' });
  });
});

const told = fc.constantFrom<(tap: Tap) => void>(
  (tap) => tap.requestChunk(Buffer.from('q')),
  (tap) => tap.requestTrailers([]),
  (tap) => tap.connected(undefined),
  (tap) => tap.requestSent(),
  (tap) => tap.informational({ status: 103, headers: [] }),
  (tap) => tap.response(responseHead()),
  (tap) => tap.response(responseHead({ status: 404 })),
  (tap) => tap.responseChunk(Buffer.from('a')),
  (tap) => tap.responseTrailers([]),
  (tap) => tap.webSocketMessage({ from: 'client', at: 1, opcode: 8, data: Buffer.from([1, 2, 3]) }),
  (tap) => tap.webSocketUnreadable(),
  (tap) => tap.end({ kind: 'completed' }),
  (tap) => tap.end({ kind: 'aborted' }),
);

test("whatever the order of a tap's events, its exchange is counted once and can be read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(told, { maxLength: 12 }), { maxLength: 4 }),
      async (taps) => {
        const { recorder, finish } = await newRecorder({
          criteria: { status: [{ from: 200, to: 299 }] },
        });
        for (const calls of taps) {
          const tap = recorder.begin(requestHead());
          for (const call of calls) call(tap!);
        }
        const exchanges = await finish();
        const { recorded, filtered } = recorder.counts;
        expect(exchanges).toHaveLength(recorded);
        expect(recorded + filtered).toBe(taps.length);
      },
    ),
    { numRuns: runs(60) },
  );
});
