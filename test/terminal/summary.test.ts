import { expect, test } from 'vitest';
import { pushedLines, quoted, summaryLines } from '../../src/terminal/summary.ts';

const none = { recorded: 0, failed: 0, filteredOut: 0, files: [] };
const collection = {
  path: 'a.postman_collection.json',
  format: 'postman',
  runner: 'npx newman run',
  bytes: 2048,
};

test('lists what was recorded and written, and the next command', () => {
  const files = [{ ...collection, content: '40 requests' }];
  expect(summaryLines({ recorded: 1042, failed: 3, filteredOut: 7, files })).toEqual([
    'Recorded 1,042 exchanges, 3 without a complete answer, 7 filtered out.',
    'Wrote a.postman_collection.json (40 requests, 2.05 kB)',
    'Next: npx newman run a.postman_collection.json',
  ]);
});

test('is short for an empty recording', () => {
  expect(summaryLines({ ...none, recorded: 1 })).toEqual(['Recorded 1 exchange.']);
  expect(summaryLines({ ...none, filteredOut: 2 })).toEqual(['Recorded nothing, 2 filtered out.']);
});

test('lists the noise that was left out', () => {
  const noise = new Map([
    ['CORS preflight', 12],
    ['icon', 1],
    ['browser housekeeping', 3],
  ]);
  expect(summaryLines({ ...none, recorded: 20, noise })[1]).toBe(
    'Left out as noise: 12 CORS preflights, 1 icon, 3 browser housekeeping.',
  );
});

test('counts the secrets that variables stand for', () => {
  expect(summaryLines({ ...none, recorded: 20, replaced: 7 })[1]).toBe(
    '7 secrets replaced by variables.',
  );
});

test('suggests no command when nothing was recorded', () => {
  expect(summaryLines({ ...none, files: [collection] }).join('\n')).not.toContain('Next');
});

test.each([
  [collection, "Next: npx newman run a.postman_collection.json -e 'a b.json'"],
  [
    { path: 'a', format: 'postman-v3', runner: 'npx postman-cli collection run', bytes: 1 },
    "Next: npx postman-cli collection run a -e 'a b.json'",
  ],
])('includes the environment file in the command', (written, next) => {
  const files = [written, { path: 'a b.json', format: 'environment', bytes: 1 }];
  expect(summaryLines({ ...none, recorded: 1, files }).at(-1)).toBe(next);
});

test('suggests no command for standard output or a format that cannot be run', () => {
  const files = [
    { ...collection, path: '-' },
    { path: 'a.har', format: 'har', bytes: 1 },
  ];
  expect(summaryLines({ ...none, recorded: 1, files }).join('\n')).not.toContain('Next');
});

test.each([
  ['a/b-c_1.json', 'a/b-c_1.json'],
  ['my file', "'my file'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$(x)', "'$(x)'"],
])('quotes %j as %s', (word, text) => {
  expect(quoted(word)).toBe(text);
});

test('counts the exchanges that the client has, and mentions its filters', () => {
  const client = 'ws://127.0.0.1:5005/capture';
  const all = { recorded: 2, failed: 0, filteredOut: 1, delivered: 2, undelivered: 0, client };
  expect(pushedLines(all)).toEqual([
    'Recorded 2 exchanges, 1 filtered out.',
    `Delivered 2 exchanges to ${client}`,
  ]);
  expect(pushedLines({ ...all, delivered: 1 })[1]).toBe(
    `Delivered 1 exchange to ${client}, as its filters ask`,
  );
  expect(pushedLines({ ...all, delivered: 0, undelivered: 2 })).toHaveLength(1);
  expect(pushedLines({ ...all, recorded: 0, delivered: 0 })).toHaveLength(1);
});
