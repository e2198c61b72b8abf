import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { listen, upstreamAuthority } from '../upstream.ts';
import { idField, type Run, type ServerAwait, type ServerStep } from './exchange.ts';
import { type Message, readBody, readHead, sendIn, valuesOf, WireReader } from './wire.ts';

/** A server that behaves as the script of each exchange has it; TLS and clear text on one port. */
export type Origin = {
  /** `localhost:port`. */
  readonly authority: string;
  readonly port: number;
  readonly runs: Map<string, Run>;
};

/** Starts the server; it is gone when the test is over. */
export async function startOrigin(): Promise<Origin> {
  const credentials = await (await upstreamAuthority()).credentialsFor('localhost');
  const runs = new Map<string, Run>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1);
      if (first !== null) socket.unshift(first);
      // RFC 8446 5.1: a handshake record begins so, and no request does.
      const connection = first?.[0] === 0x16 ? secured(socket, credentials) : socket;
      void serve(connection, socket, runs);
    });
  });
  const { port } = await listen(server, 'http', 'localhost');
  return { authority: `localhost:${port}`, port, runs };
}

function secured(socket: Socket, { key, cert }: { key: string; cert: string }): TLSSocket {
  return new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => {});
}

async function serve(socket: Duplex, beneath: Socket, runs: Map<string, Run>): Promise<void> {
  const reader = new WireReader(socket);
  for (;;) {
    const request = await readHead(reader);
    const run = request && runs.get(valuesOf(request, idField)[0] ?? '');
    if (!request || !run) return void socket.destroy();
    run.request = request;
    run.isClientGone = false;
    run.news();
    const gone = () => {
      run.isClientGone = true;
      run.news();
    };
    socket.once('close', gone).once('end', gone);
    const framing = 'explicit';
    const whole = readBody(reader, request, framing, run.news).then(async () => {
      // Only by reading is it noticed that a client has gone.
      if (awaitsEnd(run.script.server)) await reader.some(1).catch(() => undefined);
    });
    for (const step of run.script.server) await take(step, { run, request, socket, beneath });
    await whole;
    socket.off('close', gone).off('end', gone);
    if (request.ended === 'broken' || socket.destroyed || socket.writableEnded) return;
  }
}

const awaitsEnd = (steps: readonly ServerStep[]) =>
  steps.some((step) => step.do === 'await' && step.what === 'gone');

type Serving = {
  readonly run: Run;
  readonly request: Message;
  readonly socket: Duplex;
  readonly beneath: Socket;
};

async function take(step: ServerStep, { run, request, socket, beneath }: Serving): Promise<void> {
  const isOver = () => socket.destroyed;
  if (step.do === 'send') return sendIn(socket, step.text, step.cut ?? 'whole');
  if (step.do === 'end') return void socket.end();
  if (step.do === 'reset') return void beneath.resetAndDestroy();
  return run.until(() => hasCome(run, request, step) || isOver());
}

/** Whether what a server waits for has come. */
export function hasCome(run: Run, request: Message, step: ServerAwait): boolean {
  if (!('bytes' in step)) {
    return step.what === 'gone' ? run.isClientGone : request.ended !== undefined;
  }
  const message = step.what === 'answered' ? run.final : request;
  return message !== undefined && message.body.length >= step.bytes;
}
