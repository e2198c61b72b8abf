import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { manifestOf } from '../../src/interceptor/manifest.ts';
import { interceptorId } from '../../src/sync/wire/interceptor.ts';

test('the key of the manifest gives the id that the client knows', () => {
  const { key } = manifestOf('1.0.0');
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex');
  const id = [...digest.slice(0, 32)].map(
    (digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)],
  );
  expect(id.join('')).toBe(interceptorId);
});
