import { expect, test } from 'vitest';
import { formFieldRanges } from '../../src/collection/multipart.ts';
import { certaintyOf } from '../../src/collection/secret-names.ts';
import { isDistinctive, isSecretValue } from '../../src/collection/secret-values.ts';
import { createSecrets } from '../../src/collection/secrets.ts';
import { variableNames } from '../../src/collection/variables.ts';
import { writtenForms } from '../../src/collection/written-forms.ts';

/** What is repeated to a million characters, each of them meant to make one recogniser begin again and again. */
const pieces = [
  ...[
    'a',
    '\\',
    '"',
    '\\"',
    "'",
    '=',
    ':',
    '&',
    '%',
    '%2',
    '%41',
    '{',
    '[',
    '<',
    '-',
    ' ',
    '.',
    '0',
    '1 ',
    '4-',
  ],
  ...[
    'token',
    'token=',
    'token="',
    'token:"',
    'token=\\"',
    'token: ',
    '"token":',
    '"token":"',
    '"token":["a",',
  ],
  ...[
    '<token>',
    '<token ',
    '<token',
    'name="token" ',
    '<i name="token" ',
    '"name":"token","value":"',
    'token\n: ',
  ],
  ...[
    'code',
    'state=client_id',
    '"code":"x",',
    'client_id{',
    'eyJ',
    'eyJaaaaaa.',
    '.eyJaaaaaa',
    'eyJaaaaaa-',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '-----END ',
    'BEGIN PRIVATE KEY----- -----END ',
  ],
  ...[
    'Bearer ',
    'bearer a',
    'Basic YQ',
    'sk-',
    'ghp_',
    'ghp_a',
    'AKIA',
    'xoxb-',
    '{{a',
    '{{a}}',
    '{{',
    'a@',
  ],
  ...[
    'a;',
    ';a=',
    'a=b&',
    'aB',
    'a_',
    'X-',
    '\u{1f600}',
    '--b\r\n',
    '--b\r\n\r\n',
    '//',
    '?',
    '#',
    'aGVsbG8',
  ],
];

const long = (piece: string, length = 1_000_000) => piece.repeat(Math.ceil(length / piece.length));

/** Processor time in ms, which other programs have no part in. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const known = () => {
  const secrets = createSecrets({
    mode: 'redact',
    names: variableNames([]),
    redact: ['a.b', 'aa'],
  });
  for (const value of ['abcabcabcd1', 'aaaabbbb1234', 'aGVsbG8gd29ybGQ', '12345678901234'])
    secrets.learning.json(JSON.stringify({ password: value }));
  return secrets;
};

const readers: Readonly<Record<string, (text: string) => void>> = {
  // A page has everything in it: names, values, elements, scripts, queries.
  page: (text) => void known().text(text, 'text/html'),
  'value of a form': (text) => void known().query(`token=${text}&x=${text}`),
  URL: (text) => void known().url(`http://${text}`),
  header: (text) => void known().header(['X-Note', text]),
  cookie: (text) => void known().header(['Cookie', text]),
  name: (text) => void certaintyOf(text),
  value: (text) => {
    isSecretValue(text, 'likely', 'sid', 'query');
    isDistinctive(text);
  },
  'written forms': (text) => void writtenForms(text),
  multipart: (text) => void formFieldRanges(Buffer.from(text), 'b'),
};

/**
 * Ten times as much may take forty times as long, and what is over at once is not measured: a quadratic reading takes a
 * hundred times as long, and minutes of a million characters.
 */
const SLACK = 40;
const AT_ONCE_MS = 400;

test.each(Object.keys(readers))(
  '1 MB of anything is read in one go as %s',
  (reader) => {
    const read = readers[reader] ?? (() => {});
    const slow = pieces.filter((piece) => {
      const whole = cost(() => read(long(piece)));
      if (whole < AT_ONCE_MS) return false;
      const part = cost(() => read(long(piece, 100_000)));
      return whole > part * SLACK;
    });
    expect(slow).toEqual([]);
  },
  120_000,
);

test('a thousand secrets that begin and end alike are told apart in one reading', () => {
  const secrets = createSecrets({ mode: 'redact', names: variableNames([]) });
  const alike = Array.from({ length: 1000 }, (_, n) => `eyJhbGci0iJIUzI1NiJ9-${n}-AbCdEfGh1`);
  for (const value of alike) secrets.learning.json(JSON.stringify({ token: value }));
  const text = long(`${alike.join(' ')} `);
  const redacted = secrets.text(text);
  expect(redacted).not.toContain('AbCdEfGh1');
  expect(new Set(redacted.match(/\{\{\w+\}\}/g)).size).toBe(1000);
});
