import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '../../src/exporters/yaml-text.ts';
import { testWith } from '../helpers/clients.ts';
import { newFolder } from '../helpers/folder.ts';
import { fc, runs } from '../helpers/properties.ts';

/** Texts that one version of YAML or another takes for something else, or for several lines. */
const TEXTS = [
  ...['2024-05-01', '2024-05-01T12:00:00Z', '2001-12-14 21:59:43.10 -5', '2024-5-1'],
  ...['NO', 'no', 'on', 'off', 'y', 'n', 'Y', 'N', 'yes', 'true', 'TRUE', '~', 'null', ''],
  ...['1_000', '0b11', '0x1F', '017', '0o17', '08', '12:30:00', '1:30', '190:20:30.15', '20:30'],
  ...['+1', '-1', '1.', '.5', '1e3', '1.5e+3', '.inf', '-.INF', '.nan', '-0', '685_230.15'],
  ...['=', '<<', '!x', '&a', '*a', '@a', '`a', '%a', '? a', '- a', 'a: b', 'a #b', '#', '---'],
  ...[
    '...',
    '--- a',
    'a\n---\nb',
    '|',
    '>',
    '"',
    "'",
    '-',
    '?',
    ':',
    'a:',
    'a\tb',
    '\ta',
    'a\n\tb',
  ],
  ...['\u2028x', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'a\ufffeb', '\uffff', '\ufeffx', 'a\x7fb'],
  ...['\n', 'a\n', '  a', 'a  ', 'a\r\nb', 'a\rb', '\u{1f600}', 'a\n\u2028\nb', '\0', '\x9f'],
];

const holding = (texts: readonly string[]) => ({
  list: texts,
  map: texts.map((text) => ({ [text]: text })),
});

test('YAML text reads the same in YAML 1.1 and YAML 1.2', () => {
  const text = yamlText(holding(TEXTS));
  for (const version of ['1.1', '1.2'] as const)
    expect(parse(text, { version, merge: false })).toEqual(holding(TEXTS));
});

test('any text reads the same in YAML 1.1 and YAML 1.2', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const text = yamlText(holding(texts));
      for (const version of ['1.1', '1.2'] as const)
        expect(parse(text, { version, merge: false })).toEqual(holding(texts));
    }),
    { numRuns: runs(50) },
  );
});

test('plain words have no quotes, and lines stay lines', () => {
  expect(yamlText({ name: 'GET /users', code: 'a\n\tb\n' })).toBe(
    'name: GET /users\ncode: |\n  a\n  \tb\n',
  );
});

const READ = `
import json, sys, yaml
print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))
`;

testWith(
  'python3',
  '-c',
  'import yaml',
)('PyYAML reads strings as strings', async () => {
  const file = join(await newFolder(), 'x.yaml');
  const random = fc.sample(fc.string({ unit: 'grapheme' }), 200);
  await writeFile(file, yamlText(holding([...TEXTS, ...random])));
  const { stdout } = await promisify(execFile)('python3', ['-c', READ, file]);
  expect(JSON.parse(stdout)).toEqual(holding([...TEXTS, ...random]));
});
