import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isDistinctive } from '../../src/secrets/detect/values.ts';
import { type Certainty, SECRET_WORDS } from '../../src/secrets/detect/words.ts';
import { redactExchange } from '../../src/secrets/redact/recording.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';
import { exchange } from '../helpers/exchanges.ts';

/** What the name promises; a value that says by itself what it is would prove nothing. */
const values: Readonly<Record<Certainty, string>> = {
  password: 'Correct-h0rse/b&ttery',
  certain: 'q7Zx-29vLm+t4Rk8Wb1c',
  likely: 'q7Zx29vLmt4Rk8Wb1c==',
  digits: '839201',
  pin: '83920',
  ticket: 'q7Zx29vLmt4Rk8Wb1c-n1',
  key: 'q7Zx29vLmt4Rk8Wb1cQ5yT',
  email: 'ada.q7zx@mail.test',
  flow: 'q7Zx29vLmt4Rk8Wb1cQ5yT',
};

/** `client id` → `client_id`, `clientId`, `client-id`, `CLIENT_ID`, `ClientId`. */
function spellings(word: string, isWhole: boolean): string[] {
  const capitalized = word.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  const pascal = capitalized.replaceAll(' ', '');
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  const snake = word.replaceAll(' ', '_');
  const all = [snake, camel, pascal, word.replaceAll(' ', '-'), snake.toUpperCase()];
  if (!isWhole) all.push(`my_${snake}`, `my${pascal}`, `x-${word.replaceAll(' ', '-')}`);
  return [...new Set(all)];
}

const names = SECRET_WORDS.flatMap(({ word, certainty, within }) =>
  spellings(word, within === 'whole').map((name) => ({ name, value: values[certainty] })),
);

const read = () => createSecrets({ mode: 'redact', names: variableNames([]) });
const json = (value: unknown) => read().text(JSON.stringify(value), 'application/json');
const enc = encodeURIComponent;
const inXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

type Place = (name: string, value: string) => string | Promise<string>;

async function inBody(type: string, bytes: Buffer, encoding: string[] = []): Promise<string> {
  const headers = [['Content-Type', type]] as const;
  const body = { size: bytes.length, encoding, bytes: async () => bytes };
  const original = exchange({ headers: [...headers] });
  const request = { ...original.request, body };
  const redacted = await redactExchange({ ...original, request }, read());
  return Buffer.from((await redacted.request.body?.bytes()) ?? []).toString();
}

const places: Readonly<Record<string, Place>> = {
  header: (name, value) => read().header([name, value])[1],
  cookie: (name, value) => read().header(['Cookie', `lang=en; ${name}=${value}`])[1],
  'cookie that is set': (name, value) =>
    read().header(['Set-Cookie', `${name}=${value}; Path=/`])[1],
  query: (name, value) => read().url(`https://a.test/p?user=ada&${enc(name)}=${enc(value)}&page=2`),
  fragment: (name, value) => read().url(`https://a.test/p#user=ada&${name}=${enc(value)}`),
  'Location header': (name, value) =>
    read().header(['Location', `/p?user=ada&${name}=${enc(value)}`])[1],
  form: (name, value) =>
    read().text(`user=ada&${enc(name)}=${enc(value)}`, 'application/x-www-form-urlencoded'),
  'nested field of a form': (name, value) =>
    read().text(`user=ada&a%5B${name}%5D=${enc(value)}`, 'application/x-www-form-urlencoded'),
  'multipart form': (name, value) =>
    inBody(
      'multipart/form-data; boundary=b',
      Buffer.from(
        [['user', 'ada'] as const, [name, value] as const]
          .map(
            ([key, text]) =>
              `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${text}\r\n`,
          )
          .join('')
          .concat('--b--\r\n'),
      ),
    ),
  JSON: (name, value) => json({ user: 'ada', [name]: value }),
  'JSON in an object': (name, value) => json({ a: [{ login: { user: 'ada', [name]: value } }] }),
  'JSON in a JSON string': (name, value) =>
    json({ body: JSON.stringify({ user: 'ada', [name]: value }) }),
  'JSON in lines': (name, value) =>
    read().text(JSON.stringify({ user: 'ada', [name]: value }, null, 2), 'application/json'),
  'JSON in a gzipped body': (name, value) =>
    inBody('application/json', gzipSync(JSON.stringify({ user: 'ada', [name]: value })), ['gzip']),
  'JSON in a form field': (name, value) =>
    read().query(`data=${enc(JSON.stringify({ user: 'ada', [name]: value }))}`),
  'GraphQL variables': (name, value) =>
    json({ query: 'mutation L { login }', variables: { input: { user: 'ada', [name]: value } } }),
  'JSON in base64': (name, value) =>
    json({ data: Buffer.from(JSON.stringify({ user: 'ada', [name]: value })).toString('base64') }),
  'URL in JSON': (name, value) => json({ next: `https://a.test/?user=ada&${name}=${enc(value)}` }),
  'URL in a query': (name, value) =>
    read().url(`https://a.test/?next=${enc(`https://b.test/?user=ada&${name}=${enc(value)}&x=1`)}`),
  'URL in the query of a URL in JSON': (name, value) =>
    json({ next: `/?to=${enc(`https://b.test/?user=ada&${name}=${enc(value)}&x=1`)}` }),
  'XML element': (name, value) =>
    read().text(`<a><user>ada</user><${name}>${inXml(value)}</${name}></a>`, 'application/xml'),
  'CDATA section': (name, value) =>
    read().text(`<a><user>ada</user><${name}><![CDATA[${value}]]></${name}></a>`, 'text/xml'),
  'XML attribute': (name, value) =>
    read().text(`<a user="ada" ${name}="${inXml(value)}"/>`, 'application/xml'),
  'XML entry': (name, value) =>
    read().text(`<a user="ada"><e key="${name}">${inXml(value)}</e></a>`, 'application/xml'),
  'hidden field of a page': (name, value) =>
    read().text(`<i name="user"><input name="${name}" value="${inXml(value)}">`, 'text/html'),
  'pair of name and value': (name, value) =>
    json([
      { name: 'user', value: 'ada' },
      { name, value },
    ]),
};

/** What of a value would betray it; what its place asks for changes some characters of it. */
const core = (value: string) => /[A-Za-z0-9]*\d[A-Za-z0-9]*/.exec(value)?.[0] ?? value;

test.each(Object.keys(places))('no word for a secret leaks its value: %s', async (place) => {
  const leaks: string[] = [];
  for (const { name, value } of names) {
    const written = await places[place]?.(name, value);
    if (written?.includes(core(value))) leaks.push(`${name}: ${written}`);
  }
  expect(leaks).toEqual([]);
});

test('passwords and codes of digits are found as JSON numbers and as arguments of GraphQL', () => {
  const leaks = SECRET_WORDS.filter(({ certainty }) => /password|digits|pin/.test(certainty))
    .flatMap(({ word }) => spellings(word, true))
    .flatMap((name) => [
      json({ user: 'ada', [name]: 4711 }),
      json({ query: `mutation { login(user: "ada", ${name}: 4711) { id } }` }),
      json({ query: `mutation { login(user: "ada", ${name}: "4711") { id } }` }),
    ])
    .filter((text) => text.includes('4711'));
  expect(leaks).toEqual([]);
});

test('a known secret is found in base64, percent-encoded and escaped', () => {
  for (const value of new Set(Object.values(values).filter(isDistinctive))) {
    const secrets = read();
    secrets.learning.json(JSON.stringify({ password: value }));
    for (const form of [
      value,
      Buffer.from(`ada:${value}`).toString('base64'),
      Buffer.from(JSON.stringify({ a: value })).toString('base64url'),
      enc(value),
      enc(enc(value)),
      JSON.stringify(value).slice(1, -1),
      JSON.stringify(JSON.stringify(value)).slice(3, -3),
    ]) {
      expect(secrets.text(`before ${form} after`)).toMatch(/^before \S*\{\{\w+\}\}\S* after$/);
    }
  }
});

test('a PIN is a secret only beside an account', () => {
  expect(json({ pin: '4711', led: 'on' })).toContain('4711');
  expect(json({ account: 7, pin: '4711' })).not.toContain('4711');
  expect(read().url('https://a.test/gpio?pin=4711')).toContain('4711');
  expect(read().url('https://a.test/login?pin=4711')).not.toContain('4711');
});
