import { expect, test } from 'vitest';
import { waitingText } from '../../src/exporters/waiting-text.ts';

test('a text that waits comes back whole', () => {
  const waiting = waitingText();
  const texts = Array.from({ length: 50_000 }, (_, at) => `request ${at} of ä and 😀\n`);
  for (const text of texts) waiting.add(text);
  expect(Buffer.concat([...(waiting.whole() ?? [])]).toString()).toBe(texts.join(''));
});

test('nothing comes back as nothing', () => {
  expect(waitingText().whole()).toEqual([]);
});

test('a text with more bytes than are held has to be made again', () => {
  const waiting = waitingText(5);
  waiting.add('ääx');
  expect(waiting.whole()).toHaveLength(1);
  waiting.add('x');
  expect(waiting.whole()).toBeUndefined();
});
