import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Exchange, type Header, headerValues, responseOf } from '../../src/exchange.ts';
import { newPlace, pathsIn, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { everyByte } from '../helpers/hard-requests.ts';
import { curl } from '../helpers/http-client.ts';
import { open } from '../helpers/inputs.ts';
import { mitmdumpProbe, startMitmdump } from '../helpers/mitmdump.ts';
import { deadPort, httpsUpstream, httpUpstream, upstreamAuthority } from '../helpers/upstream.ts';

type Answer = {
  readonly status?: number;
  readonly headers?: readonly Header[];
  /** Before it is compressed. */
  readonly body?: string | Buffer;
};

const plain: Header = ['Content-Type', 'text/plain'];
const gzip: Header = ['Content-Encoding', 'gzip'];
const latin1 = Buffer.from('café', 'latin1');

const answers: Readonly<Record<string, Answer>> = {
  '/redirect': { status: 302, headers: [['Location', '/json']] },
  '/json': { headers: [['Content-Type', 'application/json'], gzip], body: '{"é":[1]}' },
  '/zipped': { headers: [plain, gzip], body: 'unzipped '.repeat(50) },
  '/text': { headers: [plain], body: 'ASCII for the most part, but for an é' },
  '/latin-1': { headers: [['Content-Type', 'text/plain; charset=iso-8859-1']], body: latin1 },
  '/wrong': { headers: [['Content-Type', 'text/plain; charset=utf-8']], body: latin1 },
  '/binary': { headers: [['Content-Type', 'application/octet-stream']], body: everyByte },
  '/zipped-binary': { headers: [['Content-Type', 'x/y'], gzip], body: everyByte },
  '/cookies': {
    headers: [
      ['Set-Cookie', 'a=1; Expires=Thu, 01 Mar 2040 12:00:00 GMT'],
      ['Set-Cookie', 'b=2; HttpOnly'],
      ['Set-Cookie', 'a=3; Path=/x'],
    ],
  },
};

/** A server that answers so, and writes down what it was asked. */
function answering(asked: { method: string; target: string; body: string }[]) {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: target = '' } = request;
    asked.push({ method, target, body: Buffer.concat(chunks).toString('base64') });
    const { status = 200, headers = [], body = '' } = answers[target] ?? {};
    response.writeHead(status, headers.flat());
    response.end(headers.includes(gzip) ? gzipSync(body) : body);
  };
}

async function askedIn({ request }: Exchange) {
  const body = Buffer.from((await request.body?.bytes()) ?? []).toString('base64');
  return { method: request.method, target: request.url.replace(/^\w+:\/\/[^/]*/, ''), body };
}

testWith('mitmdump', ...mitmdumpProbe)(
  'the HAR file that mitmproxy writes is read as the requests that were sent',
  { timeout: 120_000 },
  async () => {
    const asked: Awaited<ReturnType<typeof askedIn>>[] = [];
    const http = await httpUpstream(answering(asked));
    const https = await httpsUpstream(answering(asked));
    const place = await newPlace();
    await writeFile(place.path('trusted.pem'), (await upstreamAuthority()).certPem);
    await writeFile(place.path('bytes'), everyByte);
    const mitmdump = await startMitmdump(place, place.path('m.har'), place.path('trusted.pem'));
    const send = (...args: string[]) =>
      curl('-x', `http://127.0.0.1:${mitmdump.port}`, '--cacert', mitmdump.ca, ...args);

    const bytes = ['--data-binary', `@${place.path('bytes')}`, '-H'];
    const dead = `http://127.0.0.1:${await deadPort()}/`;
    for (const args of [
      [`${http.url}/?a=1&a=2&flag&b=%20`, '-H', 'X-Twice: 1', '-H', 'X-Twice: 2'],
      ['--location', `${https.url}/redirect`],
      ...Object.keys(answers).map((path) => [`${https.url}${path}`]),
      [`${http.url}/form`, '-d', 'a=1&b=%C3%BC+x&a=2'],
      [`${http.url}/form-in-utf-8`, '-d', 'a=ü'],
      [`${https.url}/json-in`, '-d', '{"ü":1}', '-H', 'Content-Type: application/json'],
      [`${http.url}/bytes`, ...bytes, 'Content-Type: application/octet-stream'],
      [`${http.url}/no-utf-8`, ...bytes, 'Content-Type: text/plain; charset=utf-8'],
      [`${https.url}/parts`, '-F', 'a=ü', '-F', `file=@${place.path('bytes')}`],
      [dead],
    ])
      expect(await send('--output', place.path('answer'), ...args)).toMatchObject({ exitCode: 0 });
    await mitmdump.stop();

    const outputs = ['-o', 'm.ndjson', '-o', 'm.json', '--secrets', 'keep'];
    const { code, stderr } = await runCli(place, ['convert', 'm.har', ...outputs]);
    expect(code, stderr).toBe(0);
    const found: Exchange[] = [];
    for await (const one of (await open(place.path('m.ndjson'))).read()) found.push(one);
    // Before version 10.1 it wrote answers only.
    const answered = found.filter(({ request }) => request.url !== dead);
    for (const { outcome } of found.filter((one) => !answered.includes(one)))
      expect(outcome.kind).toBe('failed');

    expect(await Promise.all(answered.map(askedIn))).toEqual(asked);
    for (const { request, outcome } of answered) {
      const expected = answers[new URL(request.url).pathname] ?? {};
      const response = responseOf(outcome);
      expect(response?.status).toBe(expected.status ?? 200);
      const body = Buffer.from((await response?.body?.bytes()) ?? []);
      expect([request.url, body]).toEqual([request.url, Buffer.from(expected.body ?? '')]);
      expect(headerValues(response?.headers ?? [], 'set-cookie')).toEqual(
        headerValues(expected.headers ?? [], 'set-cookie'),
      );
    }
    expect(new Set(pathsIn(await place.read('m.json')))).toEqual(
      new Set(found.map(({ request }) => request.url.replace(/^\w+:\/\/[^/]*/, ''))),
    );
  },
);
