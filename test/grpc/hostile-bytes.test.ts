import { expect, test } from 'vitest';
import { withCall } from '../../src/grpc/described-calls.ts';
import { guessedFields } from '../../src/grpc/guessed-fields.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { fc, runs } from '../helpers/properties.ts';

const frame = fc
  .tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(255))
  .map(([message, flags]) => framed(message, flags));
const body = fc
  .tuple(fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 20 })), { maxLength: 5 }), fc.nat(8))
  .map(([pieces, cut]) => {
    const whole = Buffer.concat(pieces);
    return whole.subarray(0, Math.max(whole.length - cut, 0));
  });
const contentType = fc.constantFrom(
  'application/grpc',
  'application/grpc+json',
  'application/grpc-web',
  'application/grpc-web-text',
  'application/connect+proto',
  'application/proto',
);
const header = fc.tuple(
  fc.constantFrom(
    'grpc-encoding',
    'connect-content-encoding',
    'grpc-status',
    'grpc-message',
    'grpc-status-details-bin',
  ),
  fc.oneof(fc.constantFrom('gzip', 'deflate', '5', 'CAUSAg=='), fc.string()),
);

test('no bytes make a call that cannot be read and written as JSON', async () => {
  await fc.assert(
    fc.asyncProperty(
      body,
      body,
      contentType,
      fc.array(header),
      async (request, response, type, headers) => {
        const exchange = grpcExchange({
          request,
          response,
          contentType: type,
          requestHeaders: headers,
          responseHeaders: headers,
          trailers: headers,
        });
        const call = await (await withCall(exchange)).grpc?.call();
        const text = JSON.stringify(call);
        // A byte is a field of some characters at most, and stands in a note.
        expect(text.length).toBeLessThan(2000 + 60 * (request.length + response.length));
      },
    ),
    { numRuns: runs(300) },
  );
});

test('guessed fields are the same each time, in ascending order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const fields = guessedFields(bytes);
      expect(guessedFields(bytes)).toEqual(fields);
      const numbers = Object.keys(fields ?? {}).map(Number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }),
    { numRuns: runs(500) },
  );
});

test('nesting and numbers of fields are bounded', () => {
  let nested: Uint8Array = Buffer.from([0x08, 1]);
  for (let level = 0; level < 20_000; level += 1) {
    const length = [];
    for (let left = nested.length; ; left >>= 7) {
      length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      if (left <= 0x7f) break;
    }
    nested = Buffer.concat([Buffer.from([0x0a, ...length]), nested]);
  }
  expect(JSON.stringify(guessedFields(nested)).length).toBeLessThan(2 * nested.length);
  expect(guessedFields(Buffer.alloc(10 ** 6, Buffer.from([0x08, 1])))).toBeUndefined();
});
