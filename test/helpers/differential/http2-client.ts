import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { has } from './client.ts';
import { type ClientStep, idField, type Run } from './exchange.ts';
import { endToEnd } from './observation.ts';
import type { Field, Message } from './wire.ts';

/** Makes an exchange as a stream of this session. */
export async function exchangeHttp2(
  run: Run,
  session: ClientHttp2Session,
  beneath: Socket,
  authority: string,
  scheme: string,
): Promise<void> {
  const endStream = run.script.framing === 'none';
  const stream = session.request(headersOf(run, authority, scheme), { endStream });
  const over = receive(run, stream);
  for (const step of run.script.client) {
    // Not by closing the stream: Node then ends it first, as if the request were whole.
    if (step.do === 'reset') beneath.resetAndDestroy();
    else await take(step, run, stream);
  }
  await over;
}

function headersOf(
  { script, id }: Run,
  authority: string,
  scheme: string,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null);
  headers[':method'] = script.method;
  headers[':path'] = script.target;
  headers[':scheme'] = scheme;
  headers[':authority'] = authority;
  // Connection-specific fields do not exist in HTTP/2 (RFC 9113 8.2.2).
  for (const [name, value] of endToEnd(script.fields)) {
    const key = name.toLowerCase();
    if (key === 'host') continue;
    const before = headers[key];
    if (before === undefined) headers[key] = value;
    else headers[key] = [...(Array.isArray(before) ? before : [before]), value];
  }
  headers[idField] = id;
  return headers;
}

async function take(step: ClientStep, run: Run, stream: ClientHttp2Stream): Promise<void> {
  if (step.do === 'body') stream.write(step.piece, 'latin1');
  else if (step.do === 'finish') stream.end();
  else if (step.do === 'await') await run.until(() => has(run, step) || run.isOver);
}

function receive(run: Run, stream: ClientHttp2Stream): Promise<void> {
  stream.on('headers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    run.interims.push(messageOf(raw));
    run.news();
  });
  stream.on('response', (_headers: unknown, _flags: unknown, raw: string[]) => {
    run.final = messageOf(raw);
    run.news();
  });
  stream.on('trailers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    if (run.final) run.final.trailers = messageOf(raw).fields;
  });
  stream.setEncoding('latin1').on('data', (text: string) => {
    if (run.final) run.final.body += text;
    run.news();
  });
  let isWhole = false;
  stream.on('end', () => {
    isWhole = true;
  });
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.once('close', () => {
      if (run.final) run.final.ended = isWhole && stream.rstCode === 0 ? 'whole' : 'broken';
      run.isOver = true;
      run.news();
      resolve();
    });
  });
}

function messageOf(raw: readonly string[]): Message {
  const fields: Field[] = [];
  let start = '';
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2);
    if (name === ':status') start = `HTTP/2 ${value}`;
    else fields.push([name, value]);
  }
  return { start, fields, body: '', trailers: [], ended: undefined };
}
