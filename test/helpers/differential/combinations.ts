import { fc, runs } from '../properties.ts';
import type { ClientStep, Script, ServerStep } from './exchange.ts';
import type { Transport } from './observation.ts';
import * as table from './tables.ts';
import { chunked, type Field, fieldLines } from './wire.ts';

export const transports = ['plain', 'tunnel', 'tls', 'h2'] as const satisfies Transport[];

const ingredients = fc.record({
  transport: fc.constantFrom(...transports),
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  method: fc.constantFrom(...table.methods),
  target: fc.constantFrom(...table.targets),
  fields: fc.constantFrom(...table.requestFields),
  hostAt: fc.nat(6),
  lengthAt: fc.nat(6),
  host: fc.constantFrom('Host', 'Host', 'host', 'HOST'),
  framing: fc.constantFrom('none', 'none', 'length', 'chunked'),
  body: fc.constantFrom(...table.bodies),
  extension: fc.constantFrom(...table.extensions),
  cut: fc.constantFrom(...table.cuts),
  interim: fc.constantFrom(...table.interims),
  status: fc.constantFrom(...table.statuses),
  reason: fc.constantFrom(...table.reasons),
  answerFields: fc.constantFrom(...table.answerFields),
  answerFraming: fc.constantFrom('length', 'chunked', 'close'),
  answerLengthAt: fc.nat(6),
  answerBody: fc.constantFrom(...table.bodies),
  answerExtension: fc.constantFrom(...table.extensions),
  answerTrailers: fc.constantFrom(...table.trailers),
  answerCut: fc.constantFrom(...table.cuts),
  isSlowReader: fc.constantFrom(false, false, true),
});

export type Combination = typeof ingredients extends fc.Arbitrary<infer T> ? T : never;

/** Combines the tables at random; the same at every ordinary run. */
export function combinations(count: number): Combination[] {
  return fc.sample(ingredients, { numRuns: runs(count), seed: fc.readConfigureGlobal().seed ?? 1 });
}

/** The exchange that a combination describes; what cannot be combined gives way. */
export function scriptOf(parts: Combination): Script {
  const method = parts.method;
  const isOld = parts.version === '1.0' && parts.transport !== 'h2';
  const target = method === 'OPTIONS' && parts.hostAt > 3 ? '*' : parts.target;
  // RFC 9110 9.3.8: no content in TRACE. RFC 9112 6.1: no chunks before HTTP/1.1.
  let { framing } = parts;
  if (method === 'TRACE' || (isOld && framing === 'chunked')) framing = 'none';
  const body = framing === 'none' ? [] : parts.body;
  const host: Field = [parts.host, '{authority}'];
  const fields = [...parts.fields];
  fields.splice(parts.hostAt, 0, host);
  fields.splice(parts.lengthAt, 0, ...framingFields(framing, body));
  return {
    name: `${method} ${target.slice(0, 30)} ${parts.version}, ${framing}; ${parts.status}, ${parts.answerFraming}`,
    version: isOld ? '1.0' : '1.1',
    method,
    target,
    fields,
    framing,
    extension: parts.extension,
    cut: parts.cut,
    isSlowReader: parts.isSlowReader,
    client: request(body, framing),
    server: [{ do: 'await', what: 'request' }, ...answerOf(parts)],
  };
}

function framingFields(framing: string, body: readonly string[]): Field[] {
  if (framing === 'chunked') return [['Transfer-Encoding', 'chunked']];
  return framing === 'length' ? [['Content-Length', String(body.join('').length)]] : [];
}

/** The steps of a client that sends its body at once. */
export function request(body: readonly string[], framing: Script['framing']): ClientStep[] {
  const pieces = body.filter(Boolean).map((piece) => ({ do: 'body', piece }) as const);
  return [{ do: 'head' }, ...pieces, ...(framing === 'none' ? [] : [{ do: 'finish' } as const])];
}

function answerOf(parts: Combination): ServerStep[] {
  const { status, reason, answerBody, answerCut: cut } = parts;
  // RFC 9110 8.6, 15.3.6 and 15.4.5, RFC 9112 6.1: some have no body, some not even a length.
  const isBare = parts.method === 'HEAD' || status === 304 || status === 204;
  let framing: string = parts.answerFraming;
  if (status === 204) framing = 'none';
  const body = status === 205 ? [] : answerBody;
  // Node's HTTP/2 ends the stream with the head of a 205.
  const trailers = status === 205 ? [] : parts.answerTrailers;
  const fields = [...parts.answerFields];
  fields.splice(parts.answerLengthAt, 0, ...framingFields(framing, body));
  const head = `${parts.interim}HTTP/1.1 ${status} ${reason}\r\n${fieldLines(fields)}\r\n`;
  const payload =
    framing === 'chunked' ? chunked(body, parts.answerExtension, trailers) : body.join('');
  // A connection that ends behind a head could be taken for another request before it does.
  const endsAnswer = framing === 'close' && !isBare;
  return [
    { do: 'send', text: isBare ? head : head + payload, cut },
    ...(endsAnswer ? [{ do: 'end' } as const] : []),
  ];
}
