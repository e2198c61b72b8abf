import { expect, test } from 'vitest';
import { TOKEN_FORMATS, type TokenFormat } from '../../src/secrets/detect/token-formats.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';

/** Of these the first is taken that the format takes for the rest of one of its secrets. */
const candidates = [
  'hbGciOi1.eyJzdWIi.c2ln',
  '12-a1B2c3D4e5F6g7',
  'b-a1B2c3D4e5F6',
  'A1B2C3D4E5F6G7H8',
  'a1b2c3d4e5f6g7h8i9j0k1l2m3',
  'aBcDeFgHiJkLmNoPqRsTuVwXyZ',
  'a1B2c3D4e5F6.g7H8i9J0k1L2',
  'a1b2c3d4e5f60718293a4b5c6d7e8f90',
];

function sampleFor({ value, keeps, isOne }: TokenFormat, begin: string): string {
  const found = candidates.find((candidate) => {
    value.lastIndex = 0;
    const isWhole = value.exec(candidate)?.[0] === candidate;
    return isWhole && isOne?.(keeps === undefined ? begin + candidate : candidate) !== false;
  });
  if (found === undefined)
    throw new Error(`${begin}: add a value of this format to the candidates`);
  return found;
}

const filled = (path: string) =>
  path.replaceAll('#', '123456').replaceAll('+', 'A1B2').replaceAll('*', 'ab1');

const secrets = TOKEN_FORMATS.flatMap((format) =>
  format.begins.flatMap((begin) =>
    (format.keeps ?? ['']).map((path) => ({
      secret: sampleFor(format, begin),
      text: `${begin}${filled(path)}${sampleFor(format, begin)}`,
      isPath: begin.startsWith('/'),
    })),
  ),
);

const read = () => createSecrets({ mode: 'redact', names: variableNames([]) });

const places: Readonly<Record<string, (text: string, isPath: boolean) => string>> = {
  header: (text) => read().header(['X-Note', text])[1],
  'path of a URL': (text, isPath) =>
    read().url(`https:/${text.includes('.com') ? '' : '/a.test'}${isPath ? '' : '/'}${text}`),
  query: (text) => read().url(`https://a.test/?x=${encodeURIComponent(text)}`),
  JSON: (text) => read().json(JSON.stringify({ x: `see ${text}` })),
  'JSON with escaped slashes': (text) =>
    read().json(JSON.stringify({ x: text }).replaceAll('/', '\\/')),
  'URL in JSON, percent-encoded': (text) =>
    read().json(JSON.stringify({ x: `https://a.test/?x=${encodeURIComponent(text)}` })),
  'line of a text in JSON': (text) => read().json(JSON.stringify({ x: `a\n${text}\nb` })),
  text: (text) => read().text(`a ${text} b`),
};

test.each(Object.keys(places))('every token format is recognised by its beginning: %s', (place) => {
  const leaks = secrets
    .map(({ secret, text, isPath }) => ({ secret, written: places[place]?.(text, isPath) ?? '' }))
    .filter(({ secret, written }) => written.includes(secret) || !written.includes('{{'));
  expect(leaks).toEqual([]);
});
