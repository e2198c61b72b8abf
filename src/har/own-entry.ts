import { FAILURE_KINDS } from '../exchange.ts';
import { isAbsolute } from './schema.ts';
import type { HarEntry } from './types.ts';

type Test = (value: unknown) => boolean;
type Tests = Readonly<Record<string, Test>>;

const text: Test = (value) => typeof value === 'string';
const number: Test = (value) => Number.isFinite(value);
const whole: Test = (value) => Number.isSafeInteger(value);
const flag: Test = (value) => typeof value === 'boolean';
const cut: Test = (value) => value === true;

function oneOf(...words: readonly string[]): Test {
  const known = new Set<unknown>(words);
  return (value) => known.has(value);
}

function listOf(test: Test): Test {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (const one of value) if (!test(one)) return false;
    return true;
  };
}

/** An object with these members, perhaps with some of those, and no others. */
function only(members: Tests, others: Tests = {}): Test {
  const tests = new Map(Object.entries({ ...others, ...members }));
  const least = Object.keys(members);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const object = value as Readonly<Record<string, unknown>>;
    const names = Object.keys(object);
    for (const name of names) if (!tests.get(name)?.(object[name])) return false;
    return least.every((name) => Object.hasOwn(object, name));
  };
}

const pairs = listOf(only({ name: text, value: text }));
const codings = listOf(text);

const cookies = listOf(
  only(
    { name: text, value: text },
    { path: text, domain: text, expires: text, httpOnly: flag, secure: flag },
  ),
);

const request = only(
  {
    method: (value) => text(value) && value !== '',
    url: (value) => typeof value === 'string' && isAbsolute(value),
    httpVersion: text,
    cookies,
    headers: pairs,
    queryString: pairs,
    headersSize: number,
    bodySize: number,
  },
  {
    postData: only(
      { mimeType: text, params: pairs, text },
      { _encoding: oneOf('base64'), _codings: codings, _cut: cut },
    ),
    _trailers: pairs,
  },
);

const response = only(
  {
    status: whole,
    statusText: text,
    httpVersion: text,
    cookies,
    headers: pairs,
    content: only(
      { size: number, mimeType: text },
      { compression: number, text, encoding: oneOf('base64'), _codings: codings, _cut: cut },
    ),
    redirectURL: text,
    headersSize: number,
    bodySize: number,
  },
  {
    _error: text,
    _trailers: pairs,
    _informational: listOf(only({ status: number, headers: pairs })),
  },
);

const duration = { blocked: number, dns: number, connect: number, ssl: number };
const outcome = only(
  { kind: oneOf('completed', 'failed', 'aborted', 'unfinished') },
  { reason: only({ kind: oneOf(...FAILURE_KINDS), message: text }) },
);

const entry = only(
  {
    startedDateTime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    time: number,
    request,
    response,
    cache: only({}),
    timings: only({ ...duration, send: number, wait: number, receive: number }),
    _id: text,
    _outcome: outcome,
    _connection: only({}, { client: text, upstream: text }),
    _timings: only({ endMs: number }, { connectedMs: number, sentMs: number, headMs: number }),
  },
  {
    serverIPAddress: text,
    _resourceType: text,
    _webSocket: only({ count: number }, { cut, closed: only({ code: number, reason: text }) }),
    _webSocketMessages: listOf(
      only({ type: oneOf('send', 'receive'), time: number, opcode: number, data: text }),
    ),
    _rewritten: listOf(text),
  },
);

/**
 * Whether a parsed JSON value is an entry as `entryOf` writes it and has no other members, so that its JSON can be kept as
 * it is. Entries of gRPC calls do not count, since their messages can be any JSON, nor those with marks.
 */
export function isOwnEntry(value: unknown): value is HarEntry {
  return entry(value);
}
