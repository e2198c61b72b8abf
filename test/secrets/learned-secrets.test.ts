import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Exchange, type Header, type Recording, responseOf } from '../../src/exchange.ts';
import { asCollection } from '../../src/exporters/source.ts';
import { learnSecrets } from '../../src/secrets/learned-secrets.ts';
import { redactExchange, redactRecording } from '../../src/secrets/redact/recording.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';
import { exchange, recordingOf, response } from '../helpers/exchanges.ts';
import { fc, runs } from '../helpers/properties.ts';

// Where a reading is kept, nothing is searched again. Each test compares with what a search finds.

const secretsOf = () =>
  createSecrets({ mode: 'redact', names: variableNames([]), redact: ['pin', 'a b'] });

/** A number for which no reading is kept. */
const UNKEPT = 2 ** 40;

async function textsOf({ request, outcome }: Exchange): Promise<unknown[]> {
  const answer = responseOf(outcome);
  const bodies = [];
  for (const body of [request.body, answer?.body]) {
    const bytes = await body?.bytes();
    bodies.push(body?.encoding, bytes && Buffer.from(bytes).toString('latin1'));
  }
  return [request.url, request.headers, answer?.headers, ...bodies];
}

async function withReadings(recording: Recording): Promise<unknown[]> {
  const texts: unknown[] = [];
  const redacted = redactRecording(recording, secretsOf());
  for await (const one of redacted.read()) texts.push(await textsOf(one));
  return texts;
}

async function searchedAnew(recording: Recording): Promise<unknown[]> {
  const secrets = secretsOf();
  await learnSecrets(recording, secrets);
  const texts: unknown[] = [];
  for await (const one of recording.read())
    texts.push(await textsOf(await redactExchange(one, secrets)));
  return texts;
}

async function collection(recording: Recording): Promise<unknown[]> {
  const events: unknown[] = [];
  const options = { name: 'x', redact: ['pin', 'a b'], dedupe: true, tests: true };
  for await (const event of asCollection(recording, options).read()) events.push(event);
  return events;
}

function numberedFrom(first: number, exchanges: readonly Exchange[]): Recording {
  return recordingOf(exchanges.map((one, index) => ({ ...one, seq: first + index })));
}

/** Short and plain ones are known by their place alone, so that a search for known values does not find them. */
const value = fc.constantFrom(
  ...['hunter2', 'abc', 'p&ss=w%rd', 'YWJjZGVmZ2hpamts==', 'mäde-up-1', 'summer', '{{mine}}'],
);
const name = fc.constantFrom('password', 'token', 'pin', 'a b', 'id', 'note', 'max_tokens');
type Pairs = [string, string][];
const pairs: fc.Arbitrary<Pairs> = fc.array(fc.tuple(name, value), { maxLength: 20 });

const text = fc
  .tuple(
    pairs,
    fc.constantFrom(
      (of: Pairs) => JSON.stringify(Object.fromEntries(of)),
      (of: Pairs) => `\ufeff ${JSON.stringify(of.map(([key, one]) => ({ [key ?? '']: one })))}`,
      (of: Pairs) => new URLSearchParams(of).toString(),
      (of: Pairs) => of.map((pair) => pair.join('=')).join('&'),
      (of: Pairs) => of.map(([key, one]) => `note <${key}>${one}</${key}>`).join('\n'),
      (of: Pairs) => of.map(([key, one]) => `const ${key} = "${one}";`).join('\n'),
      (of: Pairs) => JSON.stringify({ query: 'query q { me }', variables: Object.fromEntries(of) }),
      (of: Pairs) =>
        `${of.map(([key, one]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${one}\r\n`).join('')}--b--\r\n`,
    ),
  )
  .map(([of, write]) => write(of));

const type = fc.constantFrom(
  ...['application/json', 'application/x-www-form-urlencoded', 'Application/X-WWW-Form-urlencoded'],
  ...['text/html', 'text/javascript', 'text/xml; charset=iso-8859-1', 'text/plain; charset=utf-16'],
  ...[
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'image/png',
    'application/json; charset=nonsense',
  ],
  ...['text/plain; charset=shift_jis', 'application/json; charset=utf-16le', ''],
);
const charset = fc.constantFrom('utf8', 'latin1', 'utf16le');

const message = fc
  .record({
    text,
    type,
    charset: charset as fc.Arbitrary<BufferEncoding>,
    zip: fc.boolean(),
    cutTo: fc.option(fc.nat(80)),
  })
  .map((parts) => {
    const bytes = Buffer.from(parts.text, parts.charset);
    const written = parts.zip ? gzipSync(bytes) : bytes;
    const headers: Header[] = [['Content-Type', parts.type]];
    if (parts.zip) headers.push(['Content-Encoding', 'gzip']);
    return {
      headers,
      body: parts.cutTo === null ? written : { bytes: written, cutTo: parts.cutTo },
    };
  });

const exchanges = fc.array(
  fc.tuple(message, message, pairs, fc.nat(3)).map(([asked, answer, query, path]) =>
    exchange({
      url: `http://me:pw@api.test/${path}?${new URLSearchParams(query)}#token=abc`,
      ...asked,
      outcome: { kind: 'completed', response: response(answer) },
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

test('a first reading finds the same secrets as another search', async () => {
  await fc.assert(
    fc.asyncProperty(exchanges, async (list) => {
      const recording = recordingOf(list);
      expect(await withReadings(recording)).toEqual(await searchedAnew(recording));
    }),
    { numRuns: runs(50) },
  );
});

test('a collection is the same with and without the results of the first reading', async () => {
  await fc.assert(
    fc.asyncProperty(exchanges, async (list) => {
      expect(await collection(numberedFrom(1, list))).toEqual(
        await collection(numberedFrom(UNKEPT, list)),
      );
    }),
    { numRuns: runs(30) },
  );
});

test('two exchanges with one number are both searched', async () => {
  const of = (body: string) => exchange({ headers: [['Content-Type', 'application/json']], body });
  const list = [of('{"password":"abc"}'), of('{"a":"b","c":"de"}'), of('{"i":77,"n":"pqr"}')];
  expect(new Set(list.map(({ request }) => request.body?.size)).size).toBe(1);
  for (const order of [list, list.toReversed()]) {
    const recording = recordingOf(order.map((one) => ({ ...one, seq: 1 })));
    expect(await withReadings(recording)).toEqual(await searchedAnew(recording));
  }
});

test('numbers of any size are accepted', async () => {
  const list = [1, 2 ** 31, 1e22].map((seq) => ({
    ...exchange({ url: 'http://a.test/?pin=abc', body: 'plain' }),
    seq,
  }));
  for (const [url] of (await withReadings(recordingOf(list))) as string[][])
    expect(url).toBe('http://a.test/?pin={{pin}}');
});
