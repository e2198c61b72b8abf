import { expect, test } from 'vitest';
import { clientAddress } from '../../src/sync/push/address.ts';

test.each([
  ['ws://127.0.0.1:5005/capture', 'ws://127.0.0.1:5005/capture', undefined, '127.0.0.1', 5005],
  ['http://127.0.0.1:5005/?token=t0k', 'ws://127.0.0.1:5005/capture', 't0k', '127.0.0.1', 5005],
  ['ws://[::1]:5005', 'ws://[::1]:5005/capture', undefined, '::1', 5005],
  ['https://watch.test', 'wss://watch.test/capture', undefined, 'watch.test', 443],
  ['ws://localhost/in?a=1&token=x', 'ws://localhost/in?a=1', 'x', 'localhost', 80],
])('%s is an address of a client', (given, url, token, hostname, port) => {
  expect(clientAddress(given)).toEqual({ url, token, hostname, port });
});

test.each(['127.0.0.1:5005', 'tcp://127.0.0.1:5005', 'nowhere', ''])(
  '%j is not the address of a client',
  (given) => {
    expect(() => clientAddress(given)).toThrow(/--client .* write an address such as ws:\/\//);
  },
);
