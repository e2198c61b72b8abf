import { expect, test } from 'vitest';
import { streamLine } from '../../src/terminal/stream-line.ts';

const opened = { method: 'GET', url: 'http://a.test/news', status: 200, kind: 'events' } as const;

test('a stream that opens is a line with its kind at the right edge', () => {
  const line = streamLine(opened, { width: 60, color: false });
  expect(line).toBe(`GET     200  http://a.test/news${' '.repeat(18)}events open`);
  expect(line).toHaveLength(60);
});

test('a narrow terminal shows the method and the status', () => {
  expect(streamLine(opened, { width: 14, color: false })).toBe('GET     200');
});
