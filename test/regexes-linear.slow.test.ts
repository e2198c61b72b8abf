import { describe, expect, test } from 'vitest';
import { cost, growsTooFast, least } from './helpers/growth.ts';
import { samplesOf } from './helpers/regex-samples.ts';
import { regexesIn } from './helpers/source-regexes.ts';

/** A text that begins with `head`, goes on with `pump` again and again, and ends in what hardly anything matches. */
type Attack = { readonly head: string; readonly pump: string };

const LONGEST_PUMP = 6;

/** All parts of a match of a regular expression, each to be repeated after the text before it. */
function attacksOn(regex: RegExp): Attack[] {
  const attacks = new Map<string, Attack>();
  for (const sample of samplesOf(regex)) {
    for (let start = 0; start < sample.length; start += 1) {
      const lengths = [1, 2, 3, 4, 5, LONGEST_PUMP, sample.length - start];
      const ends = start === 0 ? Array.from(sample, (_, index) => index + 1) : lengths;
      for (const length of ends) {
        const attack = { head: sample.slice(0, start), pump: sample.slice(start, start + length) };
        attacks.set(JSON.stringify(attack), attack);
      }
    }
  }
  return [...attacks.values()];
}

function attackText({ head, pump }: Attack, length: number): string {
  return `${head}${pump.repeat(Math.ceil(length / pump.length))}\n\0`;
}

/** Applies it as it is applied: to one place, to the first that fits, or to all. */
function apply(regex: RegExp, text: string): void {
  regex.lastIndex = 0;
  if (regex.global) text.replace(regex, '');
  else regex.test(text);
}

function costOf(regex: RegExp, attack: Attack, length: number): number {
  const text = attackText(attack, length);
  return least(() => cost(() => apply(regex, text)));
}

/** Doubling at this length is what an exponential reading shows itself by. */
const SHORT = [16, 20, 24, 28, 256];
const LONG = [1, 2, 4, 8, 16, 32, 64, 1000].map((kilo) => kilo * 1024);
const MOST_TRIED = 2;

/** The attack under which a regular expression takes longer than the text grows. */
function superlinear(regex: RegExp): Attack | undefined {
  const slow: { attack: Attack; ms: number }[] = [];
  for (const attack of attacksOn(regex)) {
    const read = (length: number) => apply(regex, attackText(attack, length));
    if (growsTooFast((pumps) => read(pumps * attack.pump.length), SHORT)) return attack;
    slow.push({ attack, ms: costOf(regex, attack, 2048) });
  }
  const [...slowest] = slow.sort((a, b) => b.ms - a.ms).slice(0, MOST_TRIED);
  return slowest.find(({ attack }) =>
    growsTooFast((length) => apply(regex, attackText(attack, length)), LONG),
  )?.attack;
}

describe('a superlinear regular expression is found', () => {
  test.each([
    /(a+)+$/,
    /[ \t]*$/,
    /^\s*([^=;]+)=/,
    /([\w:-]+)\s*=\s*("[^"]*"|[^\s"']+)/g,
    /<(input|meta)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi,
    /^(?:.*trace.*|age)$/,
  ])(
    '%s',
    (regex) => {
      expect(superlinear(regex)).toBeDefined();
    },
    240_000,
  );
});

test('every regular expression is linear up to 1 MB', async () => {
  const folders = [
    'analysis',
    'document',
    'exporters',
    'har',
    'http',
    'importers/postman',
    'json',
    'record',
    'secrets',
  ];
  // Names that somebody asked to be redacted are only looked for as they are; the others are lists of words.
  const made = [
    'openapi/parameters.ts',
    'detect/named-values.ts',
    'detect/patterns.ts',
    'detect/prefilter.ts',
  ];
  // V8's message quotes 40 characters of a text at most.
  const appliedToShort = ['json/fault.ts'];
  const found = folders.map(async (name) => {
    const inFolder = await regexesIn(new URL(`../src/${name}/`, import.meta.url), made);
    return inFolder.map((one) => ({ ...one, place: `${name}/${one.place}` }));
  });
  const regexes = (await Promise.all(found))
    .flat()
    .filter(({ place }) => !appliedToShort.some((file) => place.startsWith(`${file}:`)));
  expect(regexes.length).toBeGreaterThan(150);
  const slow = regexes.flatMap(({ place, regex }) => {
    const attack = superlinear(regex);
    return attack === undefined ? [] : [{ place, regex, attack }];
  });
  expect(slow).toEqual([]);
}, 600_000);
