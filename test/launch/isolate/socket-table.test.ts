import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSocketTable } from '../../../src/launch/isolate/socket-table.ts';

describe.skipIf(process.platform !== 'linux')('the table of sockets', () => {
  for (const [host, file] of [
    ['127.0.0.1', '/proc/net/tcp'],
    ['::ffff:127.0.0.1', '/proc/net/tcp6'],
  ] as const) {
    test(`shows both ends of a connection to ${host}`, async () => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const client = connect(port, host);
      onTestFinished(() => {
        client.destroy();
        server.close();
      });
      await once(client, 'connect');
      const rows = readSocketTable(await readFile(file, 'utf8'));
      const address = '127.0.0.1';
      const own = { address, port: client.localPort ?? 0 };
      expect(rows).toContainEqual({
        local: own,
        remote: { address, port },
        isListening: false,
      });
      expect(rows.filter(({ local, isListening }) => isListening && local.port === port)).toEqual([
        { local: { address, port }, remote: expect.anything(), isListening: true },
      ]);
    });
  }
});
