import { expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ask } from '../../helpers/http-client.ts';
import { frame, headers, preface } from '../../helpers/http2-frames.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw, type RawConnection } from '../../helpers/raw-client.ts';
import { httpUpstream } from '../../helpers/upstream.ts';

/** At most this much is sent; a connection that is closed takes less. */
const FLOOD_BYTES = 3_000_000;

/** Sends a frame again and again, until the connection is closed or all is sent; reads none of the answers. */
function flood({ socket }: RawConnection, one: Buffer): Promise<void> {
  const piece = Buffer.concat(Array<Buffer>(1000).fill(one));
  let left = FLOOD_BYTES;
  socket.pause();
  return new Promise((resolve) => {
    const more = () => {
      while (left > 0 && socket.writable) {
        left -= piece.length;
        if (!socket.write(piece)) break;
      }
      if (left <= 0 || !socket.writable) resolve();
      else socket.once('drain', more);
    };
    socket.once('close', resolve);
    more();
  });
}

test.each([
  ['SETTINGS', frame(4, 0, 0)],
  ['SETTINGS with a value', frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))],
  ['PING', frame(6, 0, 0, Buffer.alloc(8))],
  ['empty DATA', frame(0, 0, 1)],
  ['empty CONTINUATION', frame(9, 0, 3)],
  ['PRIORITY', frame(2, 0, 3, Buffer.alloc(5))],
  ['an unknown type', frame(0xfa, 0, 0)],
])('a client that floods with %s takes little memory, and others are served', async (_, one) => {
  const reached: string[] = [];
  const upstream = await httpUpstream((request, response) => {
    reached.push(request.method ?? '');
    request.resume();
    if (request.method === 'GET') response.end('fine');
  });
  const proxy = await recordingProxy({ timeoutMs: 1000 });
  const client = await connectRaw(proxy.port);
  client.socket.on('error', () => {});
  const url = `${upstream.url}/`;
  client.send(Buffer.concat([preface, headers(1, 'POST', url)]));
  await eventually(() => expect(reached).toEqual(['POST']));
  const before = process.memoryUsage().rss;
  const flooding = flood(client, one);
  expect(String((await ask(proxy, upstream.url)).body)).toBe('fine');
  await flooding;
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  client.socket.destroy();
  await eventually(() => expect(proxy.inFlight).toBe(0));
  const outcomes = (await proxy.recorded(2)).map(({ outcome }) => outcome.kind);
  expect(outcomes.sort()).toEqual(['aborted', 'completed']);
});
