import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import { type ValueFacts, valueFacts } from '../../analysis/schema/json-schema.ts';
import type { Header } from '../../exchange.ts';
import type { Parameter } from './document.ts';
import { isCredential } from './security.ts';
import { scalarOf, textExample, textSchema } from './text-types.ts';

/** Collects the parameters of an operation, call by call. */
export type ParameterFacts = {
  /** Adds a call. `redacted` has the same texts with variables instead of secrets, for the examples. */
  see(call: Call, redacted: Omit<Call, 'path'>): void;
  parameters(): Parameter[];
};

type Call = {
  readonly path: readonly PathValue[];
  /** Undecoded, without the question mark. */
  readonly query: string;
  readonly headers: readonly Header[];
};

type Known = {
  readonly name: string;
  readonly in: Parameter['in'];
  readonly facts: ValueFacts;
  calls: number;
  /** It occurred more than once in a call. */
  many: boolean;
  example?: unknown;
};

/** Starts with no call seen. */
export function parameterFacts(): ParameterFacts {
  const known = new Map<string, Known>();
  let calls = 0;

  function take(place: Parameter['in'], name: string, value: unknown, example: unknown): void {
    const key = `${place} ${place === 'header' ? name.toLowerCase() : name}`;
    const one = known.get(key) ?? { name, in: place, facts: valueFacts(), calls: 0, many: false };
    known.set(key, one);
    one.calls += 1;
    one.many ||= Array.isArray(value);
    for (const single of [value].flat()) one.facts.see(single);
    // A redacted value is not an example.
    if (one.example === undefined && equal(value, example)) one.example = value;
  }

  return {
    see(call, redacted) {
      calls += 1;
      for (const { name, value } of call.path) {
        const decoded = scalarOf(decodedText(value));
        take('path', name, decoded, /^\{\{\w+\}\}$/.test(value) ? undefined : decoded);
      }
      const examples = queryValues(redacted.query);
      for (const [name, value] of queryValues(call.query)) {
        if (!isCredential('query', name)) take('query', name, value, examples.get(name));
      }
      const shown = headerValues(redacted.headers);
      for (const [name, value] of headerValues(call.headers)) {
        take('header', name, value, shown.get(name));
      }
    },
    parameters: () => [...known.values()].map((one) => parameterOf(one, calls)),
  };
}

function parameterOf({ name, in: place, facts, many, ...one }: Known, calls: number): Parameter {
  const single = textSchema(facts.schema());
  const schema = many ? { type: 'array', items: single } : single;
  const example = many ? [one.example].flat() : one.example;
  return {
    name,
    in: place,
    ...(place === 'path' || one.calls === calls ? { required: true } : {}),
    schema,
    ...(one.example === undefined ? {} : { example: textExample(example, schema) }),
  };
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Decoded names and values; a repeated name has a list. */
function queryValues(query: string): Map<string, unknown> {
  const values = new Map<string, unknown[]>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodedText(equals < 0 ? pair : pair.slice(0, equals), true);
    const value = scalarOf(equals < 0 ? '' : decodedText(pair.slice(equals + 1), true));
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  return new Map([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
}

function decodedText(text: string, isQuery = false): string {
  try {
    return decodeURIComponent(isQuery ? text.replaceAll('+', ' ') : text);
  } catch {
    return text;
  }
}

/** Headers that browsers, clients and proxies add to every request; they are not part of an API. */
const USUAL_HEADERS = new RegExp(
  `^(?:accept|content|sec|access-control|proxy|x-forwarded|x-b3|x-amzn?|x-datadog|x-newrelic|x-requested|x-envoy)(?:-|$)|^(?:${[
    'alt-used',
    'baggage',
    'cache-control',
    'connection',
    'cookie2?',
    'date',
    'dnt',
    'expect',
    'forwarded',
    'from',
    'host',
    'http2-settings',
    'if-modified-since',
    'if-none-match',
    'keep-alive',
    'newrelic',
    'origin',
    'pragma',
    'priority',
    'referer',
    'save-data',
    'sentry-trace',
    'te',
    'traceparent',
    'tracestate',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'upgrade-insecure-requests',
    'user-agent',
    'via',
    'x-real-ip',
    'x-request-id',
    'x-correlation-id',
  ].join('|')})$`,
);

/** The headers that may be part of an API, each name once, with its first value. */
function headerValues(headers: readonly Header[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  const seen = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key.startsWith(':') || USUAL_HEADERS.test(key) || isCredential('header', key)) continue;
    if (!seen.has(key)) values.set(name, scalarOf(value));
    seen.add(key);
  }
  return values;
}
