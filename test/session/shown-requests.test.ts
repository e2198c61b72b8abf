import { expect, test } from 'vitest';
import { missWords } from '../../src/calls/miss.ts';
import { requestsWithoutSecrets } from '../../src/session/shown-requests.ts';

test('a missed request is told without its secrets, and without those of the recording', () => {
  const token = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
  const url = `https://api.test/pay?access_token=${token}&page=2`;
  const words = missWords(
    { method: 'POST', url, headers: [] },
    {
      nearest: {
        method: 'POST',
        url: `https://api.test/pay?access_token=${token}x&page=1`,
        differences: [
          { at: 'query page', recorded: '1', asked: '2' },
          { at: 'body $.user.password', recorded: '"correct horse"', asked: '"battery staple"' },
          { at: 'form field client_secret (2)', recorded: 'hunter2hunter2' },
        ],
      },
    },
    requestsWithoutSecrets(),
  );
  expect(words).not.toMatch(/sk_live|horse|staple|hunter2/);
  expect(words).toContain('query page: recorded "1", asked "2"; body $.user.password: recorded ');
});
