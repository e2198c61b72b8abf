import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type RunningMock, startMock } from '../../src/mocking.ts';
import { newFolder } from '../helpers/folder.ts';
import { ask } from '../helpers/http-client.ts';
import { sharedHome } from '../helpers/proxy.ts';
import { zipOf } from '../helpers/zip.ts';

/** Starts a mock of these files, of which the first is the recording. */
async function mockOf(
  files: Readonly<Record<string, unknown>>,
  input?: string,
): Promise<RunningMock> {
  const folder = await newFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const isBytes = typeof content === 'string' || Buffer.isBuffer(content);
    await writeFile(path, isBytes ? content : JSON.stringify(content));
  }
  const recording = join(folder, input ?? Object.keys(files)[0] ?? '');
  const mock = await startMock(recording, { home: await sharedHome() });
  onTestFinished(() => mock.stop());
  return mock;
}

async function answerOf(response: Promise<Response>): Promise<[status: number, body: string]> {
  const { status, ...rest } = await response.then(async (one) => ({
    status: one.status,
    body: await one.text(),
  }));
  return [status, rest.body];
}

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

const V2 = {
  info: { name: 'Users', schema: SCHEMA },
  item: [
    {
      name: 'One',
      request: {
        method: 'GET',
        header: [{ key: 'X-Off', value: '1', disabled: true }],
        url: {
          raw: '{{baseUrl}}/users/:id?page=1&off=2',
          host: ['{{baseUrl}}'],
          path: ['users', ':id'],
          query: [
            { key: 'page', value: '1' },
            { key: 'off', value: '2', disabled: true },
          ],
          variable: [{ key: 'id', value: '7' }],
        },
      },
      response: [{ name: 'No request, no header', code: 200, header: null, body: 'seven' }],
    },
    {
      name: 'Make',
      request: {
        method: 'POST',
        header: [{ key: 'Content-Type', value: 'application/json' }],
        body: { mode: 'raw', raw: '{"name": "{{$randomFirstName}}", "age": {{age}}}' },
        url: '{{baseUrl}}/users',
      },
      response: [{ name: 'Made', code: 201, header: [], body: 'made' }],
    },
  ],
};

test('a collection v2 whose host has no value answers directly, and as a proxy for any host', async () => {
  const mock = await mockOf({ 'users.postman_collection.json': V2 });
  expect(await answerOf(fetch(`${mock.url}/users/7?page=1`))).toEqual([200, 'seven']);
  const headers = { 'Content-Type': 'application/json' };
  const made = fetch(`${mock.url}/users`, {
    method: 'POST',
    headers,
    body: '{"age":3,"name":"Zoe"}',
  });
  expect(await answerOf(made)).toEqual([201, 'made']);
  const proxied = await ask(
    { port: Number(new URL(mock.url).port) },
    'http://some.test/users/7?page=1',
  );
  expect([proxied.status, String(proxied.body)]).toEqual([200, 'seven']);
  expect((await answerOf(fetch(`${mock.url}/users/8?page=1`)))[1]).toContain(
    'Different: path segment 2: recorded "7", asked "8".',
  );
});

test('a collection v1 answers with its saved responses', async () => {
  const url = 'http://api.test/v1?x=1';
  const request = {
    id: 'r',
    name: 'r',
    url,
    method: 'GET',
    headers: '',
    data: [],
    dataMode: 'params',
  };
  const response = { id: 'x', name: 'ok', responseCode: { code: 418 }, headers: [], text: 'old' };
  const requests = [{ ...request, collectionId: 'c', responses: [response] }];
  const mock = await mockOf({ 'v1.json': { id: 'c', name: 'Old', order: ['r'], requests } });
  expect(await answerOf(fetch(`${mock.url}/v1?x=1`))).toEqual([418, 'old']);
});

test('a collection v3 answers with its examples', async () => {
  const mock = await mockOf(
    {
      'v3/users/get.request.yaml':
        '$kind: http-request\nname: get\nmethod: GET\nurl: http://api.test/v3/9\n' +
        'examples: ./.resources/get.resources/examples\n',
      'v3/users/.resources/get.resources/examples/ok.example.yaml':
        '$kind: http-example\nname: ok\nrequest:\n  url: http://api.test/v3/9\n  method: GET\n' +
        'response:\n  statusCode: 200\n  statusText: OK\n  body:\n    type: text\n    content: nine\n',
    },
    'v3',
  );
  expect(await answerOf(fetch(`${mock.url}/v3/9`))).toEqual([200, 'nine']);
});

/** An entry as browsers write it. */
function entry(path: string, content: object, status = 200) {
  const size = { headersSize: -1, bodySize: -1 };
  const headers = [{ name: 'content-type', value: 'application/json' }];
  return {
    startedDateTime: '2026-01-01T00:00:00.000Z',
    time: 5,
    request: {
      method: 'GET',
      url: `http://api.test${path}`,
      httpVersion: 'http/2.0',
      headers: [],
      ...size,
    },
    response: { status, statusText: '', httpVersion: 'http/2.0', headers, content, ...size },
    timings: { send: 0, wait: 1, receive: 1 },
  };
}

const HAR = {
  log: {
    version: '1.2',
    creator: { name: 'WebInspector', version: '537.36' },
    entries: [
      entry('/whole', { size: 7, mimeType: 'application/json', text: '{"a":1}' }),
      entry('/left-out', { size: 1234, mimeType: 'application/json' }),
      entry('/blocked', { size: 0, mimeType: '' }, 0),
      { ...entry('/', {}), request: { ...entry('/', {}).request, url: 'data:text/plain,x' } },
    ],
  },
};

test.each([
  ['as it is', 'chrome.har', HAR],
  ['compressed with gzip', 'chrome.har.gz', gzipSync(JSON.stringify(HAR))],
  ['in a zip', 'chrome.zip', zipOf({ 'chrome.har': JSON.stringify(HAR) })],
])(
  'a HAR file of a browser that lacks bodies, %s, answers with those that it has',
  async (_, name, file) => {
    const mock = await mockOf({ [name]: file });
    expect(await answerOf(fetch(`${mock.url}/whole`))).toEqual([200, '{"a":1}']);
    for (const path of ['/left-out', '/blocked'])
      expect((await answerOf(fetch(`${mock.url}${path}`)))[0]).toBe(502);
    expect(mock.unasked()).toEqual([]);
  },
);

test.each([
  ['an empty file', '', /is empty/],
  ['a HAR file without entries', { log: { version: '1.2', entries: [] } }, /holds no call/],
  ['a collection without requests', { info: { schema: SCHEMA }, item: [] }, /holds no call/],
  ['another JSON file', {}, /is not HAR, ndjson or a Postman collection/],
  [
    'a file that is cut',
    JSON.stringify(HAR).slice(0, 700),
    /ends in the middle of log\.entries\[1\]/,
  ],
])('%s is refused in words', async (_, file, words) => {
  await expect(mockOf({ input: file })).rejects.toThrow(words);
});
