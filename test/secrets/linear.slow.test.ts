import { expect, test } from 'vitest';
import { issuedValuesIn } from '../../src/analysis/correlation/issued-values.ts';
import { usesIn } from '../../src/analysis/correlation/uses.ts';
import { observedTemplates } from '../../src/analysis/endpoints/observed-templates.ts';
import { calledName } from '../../src/analysis/naming/names.ts';
import { formFieldRanges } from '../../src/http/multipart.ts';
import { certaintyOf } from '../../src/secrets/detect/names.ts';
import { isDistinctive, isSecretValue } from '../../src/secrets/detect/values.ts';
import { writtenForms } from '../../src/secrets/search/written-forms.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';
import { growsTooFast } from '../helpers/growth.ts';

/** Repeated texts, each meant to make one reader start again and again. */
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
    '<input ',
    '<meta ',
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

const long = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length));

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

const html = ['Content-Type', 'text/html'] as const;
const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

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
  path: (text) => void observedTemplates([{ path: `/users/${text}` }]),
  call: (text) => void calledName([['Content-Type', 'application/soap+xml']], text),
  'answer that hands out': (text) => {
    const headers = [html, ['Set-Cookie', text], ['X-Note', text], ['Location', text]] as const;
    issuedValuesIn({ path: `/${text}`, headers, text });
  },
  'request that uses': (text) => {
    const headers = [form, ['Cookie', text], ['X-Note', text]] as const;
    usesIn({ url: `http://a.test/${text}?${text}`, headers, body: Buffer.from(text) });
  },
};

/** So long that a quadratic reading takes seconds, and one that takes no time is right at ten times the length as well. */
const LONG = 250_000;

test.each(Object.keys(readers))(
  'any text is processed in linear time as %s',
  (reader) => {
    const read = readers[reader] ?? (() => {});
    const slow = pieces.filter((piece) =>
      growsTooFast((length) => read(long(piece, length)), [LONG]),
    );
    expect(slow).toEqual([]);
  },
  300_000,
);

test('a thousand secrets with the same beginning and end are distinguished in one reading', () => {
  const secrets = createSecrets({ mode: 'redact', names: variableNames([]) });
  const alike = Array.from({ length: 1000 }, (_, n) => `eyJhbGci0iJIUzI1NiJ9-${n}-AbCdEfGh1`);
  for (const value of alike) secrets.learning.json(JSON.stringify({ token: value }));
  const text = long(`${alike.join(' ')} `, 1_000_000);
  const redacted = secrets.text(text);
  expect(redacted).not.toContain('AbCdEfGh1');
  expect(new Set(redacted.match(/\{\{\w+\}\}/g)).size).toBe(1000);
});
