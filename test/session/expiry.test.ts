import { expect, test } from 'vitest';
import { warnOfExpiry } from '../../src/session/proxy-log.ts';

test.each([
  ['31 days ahead', '2030-05-01T00:00:00Z', 0],
  ['30 days ahead', '2030-05-02T00:00:00Z', 1],
])('the end of the certificate authority is warned of from a month ahead: %s', (_, now, count) => {
  const said: string[] = [];
  const warn = (_fields: unknown, message: string) => void said.push(message);
  warnOfExpiry({ expiresAt: new Date('2030-06-01T00:00:00Z') }, new Date(now), { warn } as never);
  expect(said).toEqual(
    Array(count).fill(
      'the certificate authority expires on 2030-06-01; replace it: pmproxy ca rotate',
    ),
  );
});
