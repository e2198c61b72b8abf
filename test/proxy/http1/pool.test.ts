import { expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ask } from '../../helpers/http-client.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { httpUpstream } from '../../helpers/upstream.ts';

test('two of the connections that a burst has opened are kept', async () => {
  const waiting: (() => void)[] = [];
  const upstream = await httpUpstream((_, response) => {
    waiting.push(() => response.end('ok'));
    if (waiting.length === 20) for (const answer of waiting) answer();
  });
  const proxy = await recordingProxy();
  await Promise.all(Array.from({ length: 20 }, () => ask(proxy, upstream.url)));
  expect(upstream.sockets.size).toBe(20);
  await eventually(() => expect(upstream.sockets.size).toBe(2));
});
