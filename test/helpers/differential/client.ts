import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ClientAwait, type ClientStep, idField, type Run } from './exchange.ts';
import { chunked, fieldLines, readBody, readHead, sendIn, WireReader } from './wire.ts';

/** A connection to the server, or through the proxy to it. */
export type Connection = {
  readonly socket: Duplex;
  /** What is reset. */
  readonly beneath: Socket;
  /** Ahead of the target: scheme and authority where the proxy is asked in absolute-form. */
  readonly prefix: string;
};

/**
 * Makes exchanges over one HTTP/1 connection.
 *
 * @param order whether the next request waits for the answer before it
 */
export async function exchangeHttp1(
  runs: readonly Run[],
  connection: Connection,
  authority: string,
  order: 'in turn' | 'pipelined',
): Promise<void> {
  const { socket } = connection;
  socket.on('error', () => {});
  socket.once('close', () => {
    for (const run of runs) run.news();
  });
  const reader = new WireReader(
    socket,
    runs.some(({ script }) => script.isSlowReader),
  );
  const sending = runs.map((run) => () => send(run, connection, authority));
  if (order === 'pipelined') {
    const sent = sending.reduce((before, next) => before.then(next), Promise.resolve());
    for (const run of runs) await receive(run, reader);
    await sent;
  } else {
    for (const [at, run] of runs.entries()) {
      await Promise.all([sending[at]?.(), receive(run, reader)]);
    }
  }
  // Not destroyed: what was sent is still to arrive.
  socket.end();
}

async function send(run: Run, connection: Connection, authority: string): Promise<void> {
  for (const step of run.script.client) await take(step, run, connection, authority);
}

async function take(
  step: ClientStep,
  run: Run,
  { socket, beneath, prefix }: Connection,
  authority: string,
): Promise<void> {
  const { script } = run;
  const isOver = () => socket.destroyed || run.isOver;
  if (step.do === 'head') return sendIn(socket, head(run, prefix, authority), script.cut);
  if (step.do === 'body') {
    const chunk = () => chunked([step.piece], script.extension).replace(/0[^\r]*\r\n\r\n$/, '');
    const text = script.framing === 'chunked' ? chunk() : step.piece;
    return sendIn(socket, text, 'whole');
  }
  if (step.do === 'finish') {
    return script.framing === 'chunked' ? sendIn(socket, chunked([]), 'whole') : undefined;
  }
  if (step.do === 'reset') return void socket.write('', () => beneath.resetAndDestroy());
  await run.until(() => has(run, step) || isOver());
}

/** Whether what a client waits for has come. */
export function has(run: Run, step: ClientAwait): boolean {
  if (!('bytes' in step)) {
    return run.final !== undefined || (step.what === 'interim' && run.interims.length > 0);
  }
  const message = step.what === 'answered' ? run.final : run.request;
  return message !== undefined && message.body.length >= step.bytes;
}

function head({ script, id }: Run, prefix: string, authority: string): string {
  const { method, target, version, fields } = script;
  // RFC 9112 3.2.4: to a proxy, an asterisk is an absolute-form without a path.
  const asked = prefix !== '' && target === '*' ? prefix : `${prefix}${target}`;
  const lines = fields.map(
    ([name, value]) => [name, value.replace('{authority}', authority)] as const,
  );
  return `${method} ${asked} HTTP/${version}\r\n${fieldLines([...lines, [idField, id]])}\r\n`;
}

async function receive(run: Run, reader: WireReader): Promise<void> {
  for (;;) {
    const message = await readHead(reader);
    if (!message) {
      run.isOver = true;
      return run.news();
    }
    const status = Number(message.start.split(' ')[1]);
    if (status < 200) {
      run.interims.push(message);
      run.news();
      continue;
    }
    run.final = message;
    run.news();
    const isBare = run.script.method === 'HEAD' || status === 204 || status === 304;
    return readBody(reader, message, isBare ? 'none' : 'close', run.news);
  }
}
