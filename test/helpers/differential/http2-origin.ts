import { once } from 'node:events';
import { constants, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { headerObject, pairHeaders } from '../../../src/proxy/headers.ts';
import { AnswerReader } from '../../../src/proxy/http1/answer-reader.ts';
import { listen, upstreamAuthority } from '../upstream.ts';
import { idField, type Run, type ServerStep } from './exchange.ts';
import { endToEnd } from './observation.ts';
import { hasCome, type Origin } from './origin.ts';
import { type Field, type Message, valuesOf } from './wire.ts';

/**
 * Starts a server that speaks nothing but HTTP/2, over TLS and in clear text on one port. What a script has it send is
 * written as HTTP/1.1; the same answer goes out over HTTP/2. Where a script breaks its connection off, the stream is reset:
 * others may be on the connection.
 */
export async function startHttp2Origin(): Promise<Origin> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const runs = new Map<string, Run>();
  const http2 = createHttp2Server({
    ...{ maxHeaderListPairs: 10_000, maxSendHeaderBlockLength: 1_000_000 },
    settings: { maxHeaderListSize: 1_000_000 },
  });
  http2.on('session', (session) => session.on('error', () => {}));
  http2.on('sessionError', () => {});
  http2.on(
    'stream',
    (stream: ServerHttp2Stream, _headers: unknown, flags: number, raw: unknown) =>
      void serve(stream, flags, raw as string[], runs),
  );
  const speak = (connection: Socket) => void http2.emit('connection', connection);
  const tls = createTlsServer({ key, cert, ALPNProtocols: ['h2'] }, speak);
  tls.on('tlsClientError', () => {});
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1);
      if (first !== null) socket.unshift(first);
      if (first?.[0] === 0x16) tls.emit('connection', socket);
      else speak(socket);
    });
  });
  const { port } = await listen(server, 'http', 'localhost');
  return { authority: `localhost:${port}`, port, runs };
}

type Serving = {
  readonly run: Run;
  readonly request: Message;
  readonly stream: ServerHttp2Stream;
  readonly answer: AnswerReader;
};

async function serve(
  stream: ServerHttp2Stream,
  flags: number,
  raw: readonly string[],
  runs: Map<string, Run>,
): Promise<void> {
  const request = requestOf(raw);
  const run = runs.get(valuesOf(request, idField)[0] ?? '');
  if (!run) return void stream.destroy();
  run.request = request;
  run.isClientGone = false;
  run.news();
  stream.on('error', () => {});
  stream.setEncoding('latin1').on('data', (text: string) => {
    request.body += text;
    run.news();
  });
  let isWhole = (flags & 1) === 1;
  // Node ends a stream that was reset as if it were whole.
  stream.once('end', () => {
    if (stream.aborted) return;
    isWhole = true;
    request.ended = 'whole';
    run.news();
  });
  stream.once('close', () => {
    request.ended ??= isWhole ? 'whole' : 'broken';
    run.isClientGone = true;
    run.news();
  });
  const answer = new AnswerReader({ method: run.script.method, upgrade: false }, answering(stream));
  for (const step of run.script.server) await take(step, { run, request, stream, answer });
}

function requestOf(raw: readonly string[]): Message {
  const pseudo = (name: string) => raw[raw.indexOf(name) + 1] ?? '';
  const fields: Field[] = [['host', pseudo(':authority')], ...pairHeaders(raw)];
  const start = `${pseudo(':method')} ${pseudo(':path')} HTTP/2`;
  return { start, fields, body: '', trailers: [], ended: undefined };
}

/** Sends over HTTP/2 what is read of an answer. */
function answering(stream: ServerHttp2Stream): ConstructorParameters<typeof AnswerReader>[1] {
  const lines = (fields: readonly Field[]) => headerObject(endToEnd(fields));
  let trailers: readonly Field[] = [];
  stream.once('wantTrailers', () => stream.sendTrailers(lines(trailers)));
  return {
    onInterim: ({ status, headers }) =>
      stream.additionalHeaders({ ':status': status, ...lines(headers) }),
    onHead({ status, headers }) {
      const kept =
        status === 204 ? headers.filter(([name]) => !/^content-length$/i.test(name)) : headers;
      const options = { waitForTrailers: true, sendDate: false };
      stream.respond({ ':status': status, ...lines(kept) }, options);
    },
    onData: (chunk) => void stream.write(chunk),
    onEnd(last) {
      trailers = last;
      stream.end();
    },
    onSwitch() {},
  };
}

async function take(step: ServerStep, serving: Serving): Promise<void> {
  const { run, request, stream, answer } = serving;
  if (stream.destroyed) return;
  if (step.do === 'send') {
    answer.read(Buffer.from(step.text, 'latin1'));
    if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), closed(stream)]);
  } else if (step.do === 'end') {
    if (stream.headersSent) answer.finish();
    if (!answer.isDone) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  } else if (step.do === 'reset') stream.close(constants.NGHTTP2_CANCEL);
  else await run.until(() => hasCome(run, request, step) || stream.destroyed);
}

function closed(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}
