import { once } from 'node:events';
import { Agent } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, statusOf } from '../../src/proxy/failure.ts';
import { expiredCertificate, selfSignedCertificate } from '../helpers/certificates.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, askHead, openSecureTunnel } from '../helpers/http-client.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { answerIn, bodyOf, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import {
  cannedUpstream,
  deadPort,
  httpsUpstream,
  httpUpstream,
  tcpUpstream,
  upstreamAuthority,
} from '../helpers/upstream.ts';

/** On a clock that a test advances. */
const timeoutMs = 60_000;

const page = /^pmproxy could not forward this request \(\d+\)\.\n\n.+\.\n$/;

test('a refused connection is answered 502 with an explanation and recorded as failed', async () => {
  const port = await deadPort();
  const proxy = await recordingProxy();
  const answer = await ask(proxy, `http://127.0.0.1:${port}/`);
  expect(answer.status).toBe(502);
  expect(answer.statusText).toBe('Bad Gateway');
  expect(answer.body.toString()).toMatch(page);
  expect(answer.body.toString()).toContain(`127.0.0.1:${port} refused the connection`);
  const { outcome } = await proxy.onlyRecorded();
  expect(outcome).toMatchObject({ kind: 'failed', reason: { kind: 'refused' } });
  expect(outcome).not.toHaveProperty('partial');
});

test('an unknown host is answered 502', async () => {
  const proxy = await recordingProxy();
  const answer = await ask(proxy, 'http://no-such-host.invalid/');
  expect(answer.status).toBe(502);
  expect(answer.body.toString()).toContain('The host of no-such-host.invalid:80 is unknown');
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({
    kind: 'failed',
    reason: { kind: 'unknown-host' },
  });
});

test('a large upload to a closed port ends with the 502, not with a broken connection', async () => {
  const port = await deadPort();
  const proxy = await recordingProxy();
  const body = Buffer.alloc(20_000_000);
  const answer = await ask(proxy, `http://127.0.0.1:${port}/`, { method: 'POST', body });
  expect(answer.status).toBe(502);
});

describe('a certificate', () => {
  async function credentials(which: string) {
    if (which === 'self-signed') return selfSignedCertificate('localhost');
    if (which === 'expired') return expiredCertificate(await upstreamAuthority(), 'localhost');
    return (await upstreamAuthority()).credentialsFor('elsewhere.example');
  }
  const cases = [
    ['self-signed', /SELF_SIGNED/],
    ['expired', /CERT_HAS_EXPIRED/],
    ['wrong host', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ] as const;

  test.each(cases)('that is %s is answered 502', async (which, code) => {
    const { key, cert } = await credentials(which);
    const upstream = await httpsUpstream((_, response) => response.end('secret'), { key, cert });
    const proxy = await recordingProxy();
    const answer = await ask(proxy, `${upstream.url}/`);
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toMatch(page);
    expect(answer.body.toString()).toMatch(code);
    expect((await proxy.onlyRecorded()).outcome).toMatchObject({
      kind: 'failed',
      reason: { kind: 'tls' },
    });
  });

  test.each(cases)('that is %s is accepted for a host of --insecure', async (which) => {
    const { key, cert } = await credentials(which);
    const upstream = await httpsUpstream((_, response) => response.end('fine'), { key, cert });
    const insecure = (hostname: string) => hostname === 'localhost';
    const proxy = await recordingProxy({ insecure });
    expect((await ask(proxy, `${upstream.url}/`)).body.toString()).toBe('fine');
    const other = await ask(proxy, `https://127.0.0.1:${upstream.port}/`);
    expect(other.status).toBe(502);
  });
});

test('TLS to an upstream without TLS is answered 502', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const proxy = await recordingProxy();
  const answer = await ask(proxy, `https://127.0.0.1:${upstream.port}/`);
  expect(answer.status).toBe(502);
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({ reason: { kind: 'tls' } });
});

test('an upstream without a common cipher is answered 502', async () => {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const upstream = await httpsUpstream(() => {}, {
    key,
    cert,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  const proxy = await recordingProxy();
  expect((await ask(proxy, `${upstream.url}/`)).status).toBe(502);
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({ reason: { kind: 'tls' } });
});

describe('an upstream that', () => {
  test('resets before its head is answered 502', async () => {
    const upstream = await cannedUpstream('', 'reset');
    const proxy = await recordingProxy();
    expect((await ask(proxy, upstream.url)).status).toBe(502);
    expect((await proxy.onlyRecorded()).outcome).toMatchObject({
      kind: 'failed',
      reason: { kind: 'reset' },
    });
  });

  test('closes before its head is answered 502, and a request on a fresh connection is not repeated', async () => {
    const upstream = await cannedUpstream('HTTP/1.1 200', 'end');
    const proxy = await recordingProxy();
    expect((await ask(proxy, upstream.url)).status).toBe(502);
    expect(upstream.connections).toBe(1);
  });

  const garbage = [
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a garbage status line', 'HTTP/1.1 abc Nonsense\r\n\r\n'],
    ['HTTP/2 in clear text', Buffer.from('000000040000000000', 'hex')],
    ['a bad header line', 'HTTP/1.1 200 OK\r\nno colon here\r\n\r\n'],
    [
      'both a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a switch that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
  ] as const;
  test.each(garbage)('answers %s is answered for with 502', async (_, bytes) => {
    const upstream = await cannedUpstream(bytes);
    const proxy = await recordingProxy();
    const answer = await ask(proxy, upstream.url);
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toMatch(page);
    expect((await proxy.onlyRecorded()).outcome).toMatchObject({
      kind: 'failed',
      reason: { kind: 'protocol' },
    });
  });

  const broken = [
    ['breaks off in mid chunk', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhel', 'end', 'hel'],
    [
      'breaks off between chunks',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
      'end',
      'hello',
    ],
    ['sends less than it said', 'Content-Length: 10\r\n\r\nhello', 'end', 'hello'],
    ['resets in mid body', 'Content-Length: 10\r\n\r\nhello', 'reset', 'hello'],
    [
      'sends a chunk size that is none',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n',
      'keep',
      'hello',
    ],
  ] as const;
  test.each(broken)(
    '%s gives its client a broken transfer without text of the proxy',
    async (_, rest, after, partial) => {
      const upstream = await cannedUpstream(`HTTP/1.1 200 OK\r\n${rest}`, after);
      const proxy = await recordingProxy();
      const client = await connectRaw(proxy.port);
      client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
      const answer = await client.rest();
      // A reset can overtake what came before it.
      if (answer !== '') {
        const [head = '', body = ''] = answer.split('\r\n\r\n');
        expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
        expect(body).not.toMatch(/pmproxy|error/i);
        expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
        expect(body.length).toBeLessThan(13);
      }
      const { outcome } = await proxy.onlyRecorded();
      expect(outcome).toMatchObject({ kind: 'failed', partial: { status: 200 } });
      if (after !== 'reset') expect(await bodyOf(answerIn({ outcome } as never))).toBe(partial);
    },
  );

  test('breaks off also breaks off for a client in a tunnel', async () => {
    const upstream = await httpsUpstream((_, response) => {
      response.setHeader('Content-Length', 10).write('hello', () => response.destroy());
    });
    const proxy = await recordingProxy();
    const over = await openSecureTunnel(proxy, upstream.host);
    await expect(ask(proxy, `${upstream.url}/`, { over })).rejects.toThrow(/aborted|hang up/);
  });

  test('stays silent is answered for with 504', async () => {
    const upstream = await tcpUpstream(() => {});
    const clock = manualClock();
    const proxy = await recordingProxy({ timeoutMs, clock });
    const asked = ask(proxy, upstream.url);
    await eventually(() => expect(clock.running).toBe(1));
    clock.advance(timeoutMs);
    const answer = await asked;
    expect([answer.status, answer.statusText]).toEqual([504, 'Gateway Timeout']);
    expect((await proxy.onlyRecorded()).outcome).toMatchObject({ reason: { kind: 'timeout' } });
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test('falls silent in the middle of a body is disconnected', async () => {
    const upstream = await cannedUpstream('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
    const clock = manualClock();
    const proxy = await recordingProxy({ timeoutMs, clock });
    const response = await askHead(proxy, upstream.url);
    await once(response, 'data');
    clock.advance(timeoutMs);
    await expect(once(response, 'end')).rejects.toThrow(/aborted/);
    const { outcome } = await proxy.onlyRecorded();
    expect(outcome).toMatchObject({ kind: 'failed', reason: { kind: 'timeout' } });
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test('sends events may be silent for any time', async () => {
    let send = (_: string) => {};
    const upstream = await httpUpstream((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.write(': hello\n\n');
      send = (text) => void response.end(text);
    });
    const clock = manualClock();
    const proxy = await recordingProxy({ timeoutMs, clock });
    const response = await askHead(proxy, upstream.url);
    await once(response, 'data');
    expect(clock.running).toBe(1);
    clock.advance(timeoutMs * 100);
    send('data: late\n\n');
    const [event] = await once(response, 'data');
    expect(event.toString()).toBe('data: late\n\n');
  });
});

describe('a client that goes away', () => {
  test('in the middle of a download is recorded as aborted, and the upstream connection is closed', async () => {
    const upstream = await httpUpstream((_, response) => {
      response.write('some of it');
    });
    const proxy = await recordingProxy();
    const response = await askHead(proxy, upstream.url);
    await once(response, 'data');
    expect(upstream.sockets.size).toBe(1);
    response.destroy();
    const exchange = await proxy.onlyRecorded();
    expect(exchange.outcome).toMatchObject({ kind: 'aborted', partial: { status: 200 } });
    expect(await bodyOf(answerIn(exchange))).toBe('some of it');
    await eventually(() => expect(upstream.sockets.size).toBe(0));
    expect(proxy.inFlight).toBe(0);
  });

  test('before the response is recorded as aborted, and the upstream connection is closed', async () => {
    const upstream = await tcpUpstream(() => {});
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
    await eventually(() => expect(upstream.sockets.size).toBe(1));
    client.socket.destroy();
    expect((await proxy.onlyRecorded()).outcome).toEqual({ kind: 'aborted' });
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test.each(['Content-Length: 100\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n8\r\nhalf'])(
    'in the middle of an upload (%j) does not make the request look complete',
    async (rest) => {
      let received = '';
      let ended = false;
      const upstream = await httpUpstream((request) => {
        request.on('data', (chunk) => {
          received += chunk;
        });
        request.on('end', () => {
          ended = true;
        });
        request.on('error', () => {});
      });
      const proxy = await recordingProxy();
      const client = await connectRaw(proxy.port);
      client.send(`POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n${rest}`);
      await eventually(() => expect(received).toBe('half'));
      client.socket.destroy();
      const exchange = await proxy.onlyRecorded();
      expect(exchange.outcome).toEqual({ kind: 'aborted' });
      expect(await bodyOf(exchange.request)).toBe('half');
      await eventually(() => expect(upstream.sockets.size).toBe(0));
      expect(ended).toBe(false);
    },
  );

  test('while its upstream is being resolved leaves no connection behind', async () => {
    const upstream = await tcpUpstream(() => {});
    const proxy = await recordingProxy();
    // The handshake never gets an answer.
    const client = await connectRaw(proxy.port);
    client.send(`GET https://127.0.0.1:${upstream.port}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
    await eventually(() => expect(upstream.sockets.size).toBe(1));
    client.socket.destroy();
    expect((await proxy.onlyRecorded()).outcome).toEqual({ kind: 'aborted' });
    expect(proxy.inFlight).toBe(0);
  });
});

describe('a kept-alive upstream connection that closes when it is reused', () => {
  // Answers the first request of a connection and closes it when the second comes.
  async function forgetfulUpstream() {
    const methods: string[] = [];
    const upstream = await tcpUpstream((socket) => {
      let count = 0;
      socket.on('data', (chunk) => {
        const head = chunk.toString('latin1');
        if (!/^[A-Z]+ \//.test(head)) return;
        methods.push(head.slice(0, head.indexOf(' ')));
        count += 1;
        if (count > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    return { ...upstream, methods };
  }

  test('makes the proxy repeat a GET', async () => {
    const upstream = await forgetfulUpstream();
    const proxy = await recordingProxy();
    await ask(proxy, upstream.url);
    expect((await ask(proxy, upstream.url)).body.toString()).toBe('ok');
    expect(upstream.methods).toEqual(['GET', 'GET', 'GET']);
    const outcomes = (await proxy.recorded(2)).map(({ outcome }) => outcome.kind);
    expect(outcomes).toEqual(['completed', 'completed']);
  });

  test.each(['POST', 'DELETE', 'PUT'])('does not make the proxy repeat a %s', async (method) => {
    const upstream = await forgetfulUpstream();
    const proxy = await recordingProxy();
    await ask(proxy, upstream.url);
    const body = method === 'DELETE' ? undefined : 'once';
    const answer = await ask(proxy, upstream.url, { method, ...(body && { body }) });
    expect(answer.status).toBe(502);
    expect(upstream.methods).toEqual(['GET', method]);
  });
});

describe('a slow client', () => {
  test('is answered 408 when its request head does not end', async () => {
    const proxy = await recordingProxy({ timeoutMs: 300 });
    const client = await connectRaw(proxy.port);
    client.send('GET http://127.0.0.1/ HTTP/1.1\r\nHos');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('is disconnected when its request body stops', async () => {
    const upstream = await httpUpstream((request) => void request.on('error', () => {}).resume());
    const clock = manualClock();
    const proxy = await recordingProxy({ timeoutMs, clock });
    const client = await connectRaw(proxy.port);
    client.send(`POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf`);
    await eventually(() => expect(clock.running).toBe(2));
    clock.advance(timeoutMs);
    await client.rest();
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test('keeps its connection while it sends no request', async () => {
    const upstream = await httpUpstream((_, response) => response.end('ok'));
    const proxy = await recordingProxy({ timeoutMs: 600 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    await ask(proxy, upstream.url, { agent });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await ask(proxy, upstream.url, { agent });
    const clients = (await proxy.recorded(2)).map(({ connection }) => connection.client);
    expect(new Set(clients).size).toBe(1);
  });
});

test('every error has a kind and a message', () => {
  const coded = (code: string) => Object.assign(new Error('why'), { code });
  expect(failureOf(coded('EHOSTUNREACH'), 'a:1')).toEqual({
    kind: 'unreachable',
    message: 'a:1 cannot be reached (EHOSTUNREACH: why)',
  });
  expect(failureOf(coded('PMPROXY_SILENT'), 'a:1').kind).toBe('timeout');
  expect(failureOf('text', 'a:1')).toEqual({
    kind: 'other',
    message: 'The request to a:1 failed (text)',
  });
  expect(statusOf({ kind: 'loop', message: '' })).toBe(508);
});
