import dns from 'node:dns';
import { afterEach, expect, test, vi } from 'vitest';
import { ask } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

afterEach(() => vi.restoreAllMocks());

/**
 * Gives every name two addresses, of which only the first is there, and holds the process up while that one is being
 * called: no network here is as slow as those that this is about.
 */
function slowFirstAddress(): void {
  vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: unknown, found: Found) => {
    found(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  }) as never);
}

type Found = (error: null, addresses: dns.LookupAddress[]) => void;

test('an upstream with two addresses is reached when the first address is slow', async () => {
  const upstream = await httpUpstream((_, response) => response.end('far away'));
  const proxy = await recordingProxy();
  slowFirstAddress();
  const answer = await ask(proxy, `http://twofold.test:${upstream.port}/`);
  expect(answer.body.toString()).toBe('far away');
});

test('a tunnel for an unknown protocol reaches an upstream with two addresses, too', async () => {
  const upstream = await tcpUpstream((socket) => socket.pipe(socket));
  const proxy = await recordingProxy();
  const client = rawConnection(await openTunnel(proxy.port, `twofold.test:${upstream.port}`));
  slowFirstAddress();
  client.send('\xff\xfe\xfd');
  expect(await client.until('\xfd')).toBe('\xff\xfe\xfd');
});
