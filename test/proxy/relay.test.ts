import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../helpers/http-client.ts';
import { answerIn, bodyOf, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

test('a request reaches its upstream, the response returns, and both are recorded', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.setHeader('X-Seen', `${request.method} ${request.url}`);
    request.on('data', (chunk) => response.write(`<${chunk}>`)).on('end', () => response.end());
  });
  const proxy = await recordingProxy();
  const answer = await ask(proxy, `${upstream.url}/a?b=c`, { method: 'POST', body: 'hello' });
  expect(answer.status).toBe(200);
  expect(answer.header('x-seen')).toBe('POST /a?b=c');
  expect(answer.body.toString()).toBe('<hello>');

  const exchange = await proxy.onlyRecorded();
  expect(exchange.request).toMatchObject({ method: 'POST', url: `${upstream.url}/a?b=c` });
  expect(await bodyOf(exchange.request)).toBe('hello');
  expect(exchange.outcome.kind).toBe('completed');
  expect(answerIn(exchange)).toMatchObject({ status: 200, statusText: 'OK' });
  expect(await bodyOf(answerIn(exchange))).toBe('<hello>');
});

test('a record contains the client, the server and the times', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const proxy = await recordingProxy();
  await ask(proxy, upstream.url);
  const { connection, timings } = await proxy.onlyRecorded();
  expect(connection.client).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(connection.upstream).toBe(upstream.host);
  const { connectedMs = -1, sentMs = -1, headMs = -1, endMs } = timings;
  expect([connectedMs, sentMs, headMs, endMs]).toEqual(
    [connectedMs, sentMs, headMs, endMs].sort((a, b) => a - b),
  );
  expect(connectedMs).toBeGreaterThan(0);
});

test('a kept-alive client connection carries one request after the other', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.url));
  const proxy = await recordingProxy();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let i = 0; i < 200; i += 1) {
    const answer = await ask(proxy, `${upstream.url}/${i}`, { agent });
    expect(answer.body.toString()).toBe(`/${i}`);
  }
  const clients = (await proxy.recorded(200)).map(({ connection }) => connection.client);
  expect(new Set(clients).size).toBe(1);
});

test('pipelined requests are answered in their order', async () => {
  let secondIsAnswered = () => {};
  const second = new Promise<void>((resolve) => {
    secondIsAnswered = resolve;
  });
  const upstream = await httpUpstream((request, response) => {
    // The first answer is the last to be ready.
    if (request.url === '/1') void second.then(() => response.end('first'));
    else response.end('second', secondIsAnswered);
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    ['1', '2'].map((path) => `GET ${upstream.url}/${path} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''),
  );
  const answers = await client.until('second');
  expect(answers).toMatch(/first[\s\S]*second$/);
});

test('an upstream connection is kept and serves another client', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  for (let i = 0; i < 5; i += 1) await ask(proxy, upstream.url);
  const clients = (await proxy.recorded(5)).map(({ connection }) => connection.client);
  expect(new Set(clients).size).toBe(5);
  expect(upstream.connections).toBe(1);
});

test('a response without a length reaches an HTTP/1.0 client until the connection ends', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.write('one ');
    response.end('two');
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${upstream.url}/ HTTP/1.0\r\nHost: ${upstream.host}\r\n\r\n`);
  const answer = await client.rest();
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).not.toMatch(/transfer-encoding/i);
  expect(answer.endsWith('\r\n\r\none two')).toBe(true);
  expect((await proxy.onlyRecorded()).request.httpVersion).toBe('1.0');
});

test('the path is passed on exactly as it was sent', async () => {
  const seen: (string | undefined)[] = [];
  const upstream = await httpUpstream((request, response) => {
    seen.push(request.url);
    response.end();
  });
  const proxy = await recordingProxy();
  const paths = ['//a//b', '/a/../b/./c', '/%7Euser/%zz', '/?a=[1]&b={"c"|d}', '/\'"<>\\^`'];
  for (const path of paths) {
    const client = await connectRaw(proxy.port);
    client.send(
      `GET ${upstream.url}${path} HTTP/1.1\r\nHost: ${upstream.host}\r\nConnection: close\r\n\r\n`,
    );
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect(seen).toEqual(paths);
  const recorded = await proxy.recorded(paths.length);
  expect(recorded.map(({ request }) => request.url)).toEqual(
    paths.map((path) => `${upstream.url}${path}`),
  );
});

test('uncommon methods are passed on unchanged', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.setHeader('X-Method', request.method ?? '');
    request.resume().on('end', () => response.end());
  });
  const proxy = await recordingProxy();
  for (const method of [
    'PROPFIND',
    'REPORT',
    'PURGE',
    'OPTIONS',
    'DELETE',
    'PATCH',
    'M-SEARCH',
    'TRACE',
  ]) {
    const answer = await ask(proxy, upstream.url, { method });
    expect(answer.header('x-method')).toBe(method);
  }
});
