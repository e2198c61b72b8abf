import { expect, test } from 'vitest';
import { kindOfSegment } from '../src/analysis/endpoints/segment-kinds.ts';
import { valueFacts } from '../src/analysis/schema/json-schema.ts';
import { parseContentType } from '../src/http/content-type.ts';
import { parseGraphql } from '../src/http/graphql.ts';
import { parseFormParts } from '../src/http/multipart.ts';
import { samplesOf } from './helpers/regex-samples.ts';
import { regexesIn } from './helpers/source-regexes.ts';

/** Only these make V8 remember each round: groups that come again and again, and `x{8,}`. */
const REMEMBERS = /\)(?:[*+]|\{)|\{\d+,\}/;

/** V8 gives a regular expression 64 MB, which are used up after some million rounds. */
const LENGTH = 12_000_000;

/** The files whose regular expressions are applied to nothing long: to pieces, or behind a look at the length. */
const APPLIED_TO_SHORT = [
  'http/content-type.ts',
  'http/graphql.ts',
  'http/multipart.ts',
  // To answers of 2 MB at most.
  'analysis/correlation/issued-values.ts',
  'analysis/correlation/identifying.ts',
  'analysis/endpoints/segment-kinds.ts',
  'analysis/schema/text-formats.ts',
  'secrets/detect/value-ends.ts',
  // What is too long for it counts as no JSON, and gives no example.
  'exporters/openapi/exact-json.ts',
];

/** Texts that repeat a part of what a regular expression looks for. */
function* textsFor(regex: RegExp): Generator<string> {
  const tried = new Set<string>();
  for (const sample of samplesOf(regex).slice(0, 2)) {
    for (let start = 0; start < sample.length; start += 1) {
      for (const length of [1, 2]) {
        const [head, pump] = [sample.slice(0, start), sample.slice(start, start + length)];
        const key = JSON.stringify([head, pump]);
        if (tried.has(key) || tried.size >= 10) continue;
        tried.add(key);
        yield `${head}${pump.repeat(LENGTH / pump.length)}\n`;
      }
    }
  }
}

function overflows(regex: RegExp): boolean {
  try {
    for (const text of textsFor(regex)) {
      regex.lastIndex = 0;
      regex.test(text);
    }
    return false;
  } catch {
    return true;
  }
}

test('a regular expression that keeps backtracking state runs out of memory', () => {
  expect(overflows(/^(?:a|b)*c/)).toBe(true);
  expect(overflows(/^a{8,}b/)).toBe(true);
  expect(overflows(/^a{8}a*b/)).toBe(false);
});

test('no regular expression runs out of memory on a text of 12 MB', async () => {
  const folders = [
    'analysis',
    'document',
    'exporters',
    'har',
    'http',
    'importers',
    'json',
    'record',
    'secrets',
  ];
  const made = [
    'openapi/parameters.ts',
    'detect/named-values.ts',
    'detect/patterns.ts',
    'detect/prefilter.ts',
  ];
  const found: string[] = [];
  for (const folder of folders) {
    for (const { place, regex } of await regexesIn(
      new URL(`../src/${folder}/`, import.meta.url),
      made,
    )) {
      const path = `${folder}/${place}`;
      if (APPLIED_TO_SHORT.some((file) => path.startsWith(`${file}:`))) continue;
      if (REMEMBERS.test(regex.source) && overflows(regex)) found.push(`${path} ${regex}`);
    }
  }
  expect(found).toEqual([]);
}, 600_000);

test('text that is longer than any match is not searched', () => {
  const long = (piece: string) => piece.repeat(LENGTH / piece.length);
  for (const piece of ['0-', '1.0,', 'aa:', 'a', '0', 'v0.']) {
    expect(kindOfSegment(long(piece), 'users')).toBeUndefined();
  }
  const facts = valueFacts();
  for (const address of ['ada@example.com', `${long('a.')}a@example.com`]) facts.see(address);
  expect(facts.schema()).toEqual({ type: 'string' });
  expect(parseContentType(`text/plain; charset="${long('a')}"`).essence).toBe('text/plain');
  expect(parseGraphql(JSON.stringify({ query: `${long('#\n')}{me}` }))).toBeUndefined();
  const part = `--b\r\nContent-Disposition: form-data; name="${long('a')}"\r\n\r\n1\r\n--b--`;
  expect(parseFormParts(Buffer.from(part), 'b')).toBeUndefined();
});
