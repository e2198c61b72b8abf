import { expect, onTestFinished, test } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { newPlace, runCli } from '../helpers/cli.ts';
import { newFolder } from '../helpers/folder.ts';
import { namingProxy } from '../helpers/naming-proxy.ts';
import { outcomes, peers, servePeer } from '../helpers/peer-programs.ts';

// test/cli/grpc-peers.slow.test.ts says where a peer is missing.
const go = peers.filter(({ name }) => name === 'Go');

test.each(go)('net/http talks HTTP/2 through save to its own server', async (peer) => {
  const server = await servePeer(peer, await newFolder(), 'serve-web');
  onTestFinished(() => server.close());
  // Go uses no proxy to reach this machine by its own names.
  const proxy = `http://127.0.0.1:${await namingProxy({ 'go.test:443': server.tls })}`;
  const place = await newPlace();
  const urls = ['https://go.test/one', 'https://go.test/two'];
  const command = [...(await peer.command()), 'fetch', ...urls];
  const end = await runCli(place, ['save', '-o', 't.har', '--insecure', '--', ...command], {
    env: { HTTPS_PROXY: proxy },
  });
  const outcome = { client: 'HTTP/2.0', server: 'HTTP/2.0', same: true, trailer: '1048576' };
  expect(outcomes(end.stdout), end.stderr).toEqual([outcome, outcome]);
  const { entries } = (await place.json<Har>('t.har')).log;
  const seen = entries.map(({ request, response }) => [
    request.url,
    request.httpVersion,
    response.httpVersion,
    request._trailers,
    response._trailers,
  ]);
  const trailers = [{ name: 'x-sum', value: '1048576' }];
  expect(seen).toEqual(urls.map((url) => [url, 'HTTP/2.0', 'HTTP/2.0', trailers, trailers]));
});
