import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { complaintsAbout, convertedTo, harEntry } from '../helpers/cases.ts';

test('a status that HTTP does not have is the default response', async () => {
  const text = await convertedTo('openapi', 'openapi-status/in.har');
  expect(parse(text).paths['/in/x'].get.responses).toEqual({
    default: {
      description: '999 Request denied',
      content: { 'application/json': { schema: { type: 'object' }, example: {} } },
    },
  });
  expect(await complaintsAbout(text)).toEqual([]);
});

test.each([
  [
    [200, 599, 100],
    ['200', '599'],
  ],
  [
    [999, 204, 600],
    ['204', 'default'],
  ],
  [
    ['999', 200],
    ['200', 'default'],
  ],
])('the statuses %j are the responses %j', async (statuses, keys) => {
  const entries = statuses.map((status) => harEntry({ response: { status } }));
  const { paths } = parse(await convertedTo('openapi', entries));
  expect(Object.keys(paths['/'].get.responses)).toEqual(keys);
});
