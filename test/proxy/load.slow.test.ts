import { once } from 'node:events';
import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { ask, askHead } from '../helpers/http-client.ts';
import { bodyOf, recordingProxy } from '../helpers/proxy.ts';
import { httpUpstream } from '../helpers/upstream.ts';

test('5 requests on each of 1,000 connections succeed and are recorded', async () => {
  const upstream = await httpUpstream((request, response) => request.pipe(response));
  const proxy = await recordingProxy();
  const failed: unknown[] = [];
  const one = async (client: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 5; i += 1) {
      const body = `${client}/${i}`;
      const answer = await ask(proxy, `${upstream.url}/${body}`, { method: 'POST', body, agent });
      if (answer.status !== 200 || answer.body.toString() !== body) failed.push(answer);
    }
  };
  await Promise.all(Array.from({ length: 1000 }, (_, client) => one(client)));
  expect(failed).toEqual([]);
  const recorded = await proxy.recorded(5000);
  expect(recorded).toHaveLength(5000);
  const paths = new Set<string>();
  for (const { request, outcome } of recorded) {
    expect(outcome.kind).toBe('completed');
    expect(await bodyOf(request)).toBe(new URL(request.url).pathname.slice(1));
    paths.add(request.url);
  }
  expect(paths.size).toBe(5000);
  await eventually(() => expect(proxy.inFlight).toBe(0));
}, 300_000);

test('clients that disconnect during a response leave nothing behind', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.write('some');
  });
  const proxy = await recordingProxy();
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await askHead(proxy, upstream.url);
        response.on('error', () => {});
        await once(response, 'data');
        response.destroy();
      }),
    );
  }
  await eventually(() => {
    expect(proxy.inFlight).toBe(0);
    // undici may have connected a spare one while another was being broken off.
    expect(upstream.sockets.size).toBeLessThanOrEqual(20);
  });
  const outcomes = (await proxy.recorded(400)).map(({ outcome }) => outcome.kind);
  expect(new Set(outcomes)).toEqual(new Set(['aborted']));
});
