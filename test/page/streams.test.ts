import { expect, test } from 'vitest';
import { makeCompletion } from '../../src/page/streams/completion.ts';
import { keepParts } from '../../src/page/streams/followed.ts';
import { operationNames } from '../../src/page/streams/operations.ts';

const texts = (...events: readonly unknown[]) => {
  const completion = makeCompletion();
  for (const event of events) completion.add(JSON.stringify(event));
  completion.add('[DONE]');
  return completion.texts;
};

test('the texts of language models are put together from the streams of each provider', () => {
  const text = [{ title: 'Text', text: 'Hello' }];
  const choice = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
  expect(texts(choice('Hel'), choice('lo'))).toEqual(text);
  const delta = (piece: string) => ({ type: 'response.output_text.delta', delta: piece });
  expect(texts(delta('Hel'), delta('lo'))).toEqual(text);
  const block = (piece: string) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: piece },
  });
  expect(texts(block('Hel'), block('lo'))).toEqual(text);
  const candidate = (piece: string) => ({
    candidates: [{ content: { parts: [{ text: piece }] } }],
  });
  expect(texts(candidate('Hel'), candidate('lo'))).toEqual(text);
  const message = (content: string) => ({ message: { content }, done: false });
  expect(texts(message('Hel'), message('lo'))).toEqual(text);
});

test('a tool call is put together beside the text', () => {
  const call = (called: object) => ({
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: called }] } }],
  });
  expect(
    texts(call({ name: 'weather', arguments: '' }), call({ arguments: '{"city":"Bern"}' })),
  ).toEqual([{ title: 'Tool call 1', text: 'weather {"city":"Bern"}' }]);
});

test('other events have no text', () => {
  expect(texts({ price: 7 }, ['a'], 'text')).toEqual([]);
});

test('GraphQL messages are named by the operation that their id stands for', () => {
  const nameOf = operationNames();
  const name = (message: object) => nameOf(JSON.stringify(message));
  const subscribe = (id: string, payload: object) => name({ id, type: 'subscribe', payload });
  expect(subscribe('1', { operationName: 'OnPrice', query: '…' })).toBe('subscribe OnPrice');
  expect(subscribe('2', { query: 'subscription OnTrade { trade }' })).toBe('subscribe OnTrade');
  expect(subscribe('3', { query: '{ news }' })).toBe('subscribe news');
  expect(name({ id: '2', type: 'next' })).toBe('next OnTrade');
  expect(name({ id: '2', type: 'complete' })).toBe('complete OnTrade');
  expect(name({ id: '2', type: 'next' })).toBe('');
  expect(nameOf('hello')).toBe('');
});

test('the page keeps the latest parts of a stream only', () => {
  const log = keepParts({ parts: 3, characters: 1000 });
  const line = (text: string) => ({ direction: 'received', size: 1, line: text }) as const;
  log.add(['a', 'b', 'c', 'd', 'e'].map(line));
  expect(log.parts.map((part) => part.line)).toEqual(['c', 'd', 'e']);
  expect(log.before).toBe(2);
  log.add([line('x'.repeat(999))]);
  expect(log.parts.map(({ size, body }) => size + body.text.length)).toEqual([2, 1000]);
});
