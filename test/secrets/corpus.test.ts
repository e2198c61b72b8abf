import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';

/**
 * `«…»` marks what is secret; everything else has to stay, letter for letter. A dot in the middle of the line breaks
 * values up, so that secret scanners do not take them for real ones.
 */
type Labelled = { readonly in: keyof typeof readers; readonly text: string };

const secrets = () => createSecrets({ mode: 'redact', names: variableNames([]) });

const readers = {
  header: (text: string) => {
    const [name = '', ...value] = text.split(': ');
    return `${name}: ${secrets().header([name, value.join(': ')])[1]}`;
  },
  url: (text: string) => secrets().url(text),
  json: (text: string) => secrets().text(text, 'application/json'),
  form: (text: string) => secrets().text(text, 'application/x-www-form-urlencoded'),
  text: (text: string) => secrets().text(text, 'text/plain'),
  xml: (text: string) => secrets().text(text, 'application/xml'),
  html: (text: string) => secrets().text(text, 'text/html'),
};

const path = new URL('../../fixtures/secrets-corpus.json', import.meta.url);
const corpus: Labelled[] = JSON.parse(readFileSync(path, 'utf8'));

const MARKED = /«[^»]*»/g;
const VARIABLE = /\{\{\w+\}\}/g;

const judged = corpus.map(({ in: place, text }) => {
  const whole = text.replaceAll('·', '');
  const found = readers[place](whole.replace(/[«»]/g, '')).replace(VARIABLE, '{{}}');
  const wanted = whole.replace(MARKED, '{{}}').replace(VARIABLE, '{{}}');
  const isSecret = text.includes('«');
  return { place, text, found, isSecret, isRight: found === wanted };
});

test('the corpus is large enough and balanced between secrets and other values', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(290);
  const share = judged.filter(({ isSecret }) => isSecret).length / judged.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.7);
});

test('exactly the secrets of the corpus are replaced', () => {
  const count = (secret: boolean, right: boolean) =>
    judged.filter(({ isSecret, isRight }) => isSecret === secret && isRight === right).length;
  const recall = count(true, true) / (count(true, true) + count(true, false));
  const precision = count(true, true) / (count(true, true) + count(false, false));
  const wrong = judged.filter(({ isRight }) => !isRight);
  const lines = wrong.map(({ place, text, found }) => `${place}: ${text}\n  → ${found}`);
  process.stdout.write(
    `${corpus.length} strings: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n${lines.join('\n')}\n`,
  );
  expect(recall).toBe(1);
  expect(precision).toBe(1);
});
