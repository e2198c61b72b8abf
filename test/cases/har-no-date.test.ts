import { expect, test } from 'vitest';
import { exchangesIn, harEntry } from '../helpers/cases.ts';
import { openContent } from '../helpers/inputs.ts';

const dated = (path: string, startedDateTime: unknown) =>
  harEntry({ startedDateTime, request: { url: `https://a.test${path}` } });
const at = (text: string) => Date.parse(text);

test('an entry without a date can be read', async () => {
  const [exchange, ...more] = await exchangesIn('har-no-date/in.har');
  expect(exchange).toMatchObject({ startedAt: 0, request: { url: 'https://a.test/x' } });
  expect(more).toEqual([]);
});

test('an entry without a date gets the date of the entry before it, or else of the next one', async () => {
  const entries = [
    dated('/1', undefined),
    dated('/2', null),
    dated('/3', '2024-05-01T12:00:00Z'),
    dated('/4', ''),
    dated('/5', '2024-05-01T13:00:00Z'),
  ];
  const [noon, one] = [at('2024-05-01T12:00:00Z'), at('2024-05-01T13:00:00Z')];
  const exchanges = await exchangesIn(entries);
  expect(exchanges.map(({ startedAt }) => startedAt)).toEqual([noon, noon, noon, noon, one]);
  expect(exchanges.map(({ request }) => request.url.slice(-2))).toEqual([
    '/1',
    '/2',
    '/3',
    '/4',
    '/5',
  ]);
});

test('the dates do not depend on the order of reading', async () => {
  const entries = [dated('/1', undefined), dated('/2', undefined), dated('/3', 1_714_564_800_000)];
  const input = await openContent({ log: { version: '1.2', entries } });
  const moments: number[] = [];
  for await (const { startedAt } of input.read([1, 2, 0])) moments.push(startedAt);
  expect(moments).toEqual([1_714_564_800_000, 1_714_564_800_000, 1_714_564_800_000]);
});

test('a file with many entries without dates is read quickly', async () => {
  const entries = Array.from({ length: 2000 }, (_, index) => dated(`/${index}`, undefined));
  const input = await openContent({ log: { version: '1.2', entries } });
  let count = 0;
  for await (const _ of input.read([...entries.keys()].reverse())) count += 1;
  expect(count).toBe(2000);
});

test('lines of ndjson without a date get dates in the same way', async () => {
  const lines = [dated('/1', '2024-05-01T12:00:00Z'), dated('/2', undefined)];
  const input = await openContent(lines.map((line) => JSON.stringify(line)).join('\n'));
  const moments: number[] = [];
  for await (const { startedAt } of input.read()) moments.push(startedAt);
  expect(moments).toEqual([at('2024-05-01T12:00:00Z'), at('2024-05-01T12:00:00Z')]);
});

test('an invalid date is still refused, with its place', async () => {
  await expect(exchangesIn([dated('/1', 'soon')])).rejects.toThrow(
    'log.entries[0].startedDateTime is not a date.',
  );
});
