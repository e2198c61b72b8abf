import { expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

test.each(['GET', 'POST'])(
  'a client that leaves aborts all of its pipelined requests (%s)',
  async (method) => {
    const asked: (string | undefined)[] = [];
    const upstream = await httpUpstream((request) => {
      request.resume().on('end', () => asked.push(request.url));
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    for (const path of ['/a', '/b', '/c']) {
      client.send(
        `${method} ${upstream.url}${path} HTTP/1.1\r\nHost: ${upstream.host}\r\nContent-Length: 2\r\n\r\nhi`,
      );
      await eventually(() => expect(asked).toContain(path));
    }
    client.socket.destroy();
    const exchanges = await proxy.recorded(3);
    expect(exchanges.map(({ outcome }) => outcome.kind)).toEqual(['aborted', 'aborted', 'aborted']);
    expect(proxy.inFlight).toBe(0);
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  },
);
