import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseExactly, stringifyExactly } from '../../src/exporters/openapi/exact-json.ts';
import {
  caseFile,
  complaintsAbout,
  convertedTo,
  exchangesIn,
  harEntry,
  v3Files,
} from '../helpers/cases.ts';
import { newPlace, runCli } from '../helpers/cli.ts';
import { fc, runs } from '../helpers/properties.ts';

const file = 'openapi-big-integer/in.har';
const digits = '9007199254740993';

test.each(['openapi', 'har', 'ndjson', 'postman', 'postman-v2.0'] as const)(
  'an integer beyond 2^53 keeps its digits in %s',
  async (format) => {
    expect(await convertedTo(format, file)).toContain(digits);
  },
);

test('a large integer keeps its digits in a collection v3, in scripts and in the body of a request', async () => {
  expect([...(await v3Files(await exchangesIn(file))).values()].join()).toContain(digits);
  const headers = [{ name: 'Content-Type', value: 'application/json' }];
  const postData = { mimeType: 'application/json', text: `{"id":${digits}}` };
  const entries = [harEntry({ request: { method: 'POST', headers, postData } })];
  for (const format of ['curl', 'http', 'postman', 'postman-v1', 'openapi'] as const)
    expect(await convertedTo(format, entries), format).toContain(digits);
});

test('the document is valid as JSON, too', async () => {
  const text = await convertedTo('openapi', file, { path: 'api.openapi.json' });
  expect(text).toContain(digits);
  expect(await complaintsAbout(text)).toEqual([]);
});

test('the command writes JSON when the ending asks for it', async () => {
  const place = await newPlace();
  const args = ['convert', caseFile(file), '-o', 'api.openapi.json'];
  const { code, stderr } = await runCli(place, args);
  expect(code, stderr).toBe(0);
  const text = await readFile(place.path('api.openapi.json'), 'utf8');
  expect(JSON.parse(text)).toHaveProperty('openapi', '3.1.1');
  // Python holds integers of any size.
  const print =
    'import json, sys; print(json.load(open(sys.argv[1]))["paths"]["/t"]["get"]["responses"]["200"]["content"]["application/json"]["example"])';
  const { stdout } = await promisify(execFile)('python3', [
    '-c',
    print,
    place.path('api.openapi.json'),
  ]);
  expect(stdout.trim()).toBe(`{'id': ${digits}}`);
});

describe('JSON that is read and written with all digits', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '[9007199254740992,9007199254740993,1]',
    '{"a":"9007199254740993","b":"exactly:9007199254740993","c":9007199254740993}',
    '{"\\u0065xactly:":"exactly:","n":123456789012345678901234567890}',
    '["\\"9007199254740993\\"",1e400]',
  ])('is the same text: %s', (text) => {
    const compact = stringifyExactly(parseExactly(text))
      .replace(/\n */g, '')
      .replaceAll('": ', '":');
    // What is too large for any number is none.
    expect(compact).toBe(text.replace('\\u0065', 'e').replace('1e400', 'null'));
  });

  test('uses numbers where they are exact', () => {
    expect(parseExactly('[1,1.5,1e3,9007199254740991,12345678901234567000]')).toEqual([
      1, 1.5, 1000, 9007199254740991, 12345678901234567000,
    ]);
    expect(parseExactly('{')).toBeUndefined();
  });

  test('is the same value for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.bigInt(), (value, big) => {
        const text = `[${JSON.stringify(value)},${big}]`;
        const [again, number] = parseExactly(text) as [unknown, bigint | number];
        expect(again).toEqual(JSON.parse(JSON.stringify(value)));
        expect(String(BigInt(number))).toBe(String(big));
        expect(parseExactly(stringifyExactly([again, number]))).toEqual([again, number]);
      }),
      { numRuns: runs(100) },
    );
  });
});
