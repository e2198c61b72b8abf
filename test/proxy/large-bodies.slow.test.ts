import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { bigBody } from '../helpers/big-body.ts';
import { ask, askHead } from '../helpers/http-client.ts';
import { answerIn, recordingProxy } from '../helpers/proxy.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const MB = 1024 * 1024;
const heavy = { timeout: 300_000 };

test('200 MB reach a slow reader completely while memory stays small', heavy, async () => {
  const { body, digest } = bigBody(200);
  const upstream = await httpUpstream((_, response) => void pipeline(body, response));
  const proxy = await recordingProxy();
  const response = await askHead(proxy, upstream.url);
  const before = process.memoryUsage().rss;
  let most = 0;
  let seen = 0;
  const hash = createHash('sha256');
  for await (const chunk of response) {
    hash.update(chunk);
    // A pause per 16 MB: long enough for everything that is not held back to pile up.
    if (Math.floor((seen + chunk.length) / (16 * MB)) > Math.floor(seen / (16 * MB))) {
      await delay(40);
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    seen += chunk.length;
  }
  expect(seen).toBe(200 * MB);
  expect(hash.digest('hex')).toBe(digest());
  // Client, proxy, recorder and upstream share this process.
  expect(most).toBeLessThan(150 * MB);
  expect(answerIn(await proxy.onlyRecorded()).body?.size).toBe(200 * MB);
});

test('200 MB reach a slow upstream completely while memory stays small', heavy, async () => {
  const { body, digest } = bigBody(200);
  const before = process.memoryUsage().rss;
  let most = 0;
  const upstream = await httpUpstream(async (request, response) => {
    const hash = createHash('sha256');
    let seen = 0;
    for await (const chunk of request) {
      hash.update(chunk);
      if (Math.floor((seen + chunk.length) / (16 * MB)) > Math.floor(seen / (16 * MB))) {
        await delay(40);
        most = Math.max(most, process.memoryUsage().rss - before);
      }
      seen += chunk.length;
    }
    response.end(`${seen} ${hash.digest('hex')}`);
  });
  const proxy = await recordingProxy();
  const answer = await ask(proxy, upstream.url, { method: 'PUT', body });
  expect(answer.body.toString()).toBe(`${200 * MB} ${digest()}`);
  expect(most).toBeLessThan(150 * MB);
});
