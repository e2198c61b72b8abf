import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeContent } from '../../src/http/content-coding.ts';
import { fc } from '../helpers/properties.ts';

const encoders = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  identity: (bytes: Uint8Array) => Buffer.from(bytes),
};
const codings = fc.array(fc.constantFrom(...(Object.keys(encoders) as (keyof typeof encoders)[])), {
  maxLength: 3,
});

function textOf(decoded: ReturnType<typeof decodeContent>): string {
  return 'bytes' in decoded ? Buffer.from(decoded.bytes).toString() : `fault: ${decoded.fault}`;
}

test('any codings are removed in reverse order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), codings, (bytes, encoding) => {
      let encoded: Buffer = Buffer.from(bytes);
      for (const coding of encoding) encoded = encoders[coding](encoded);
      const decoded = decodeContent(encoded, encoding);
      expect('bytes' in decoded && Buffer.from(decoded.bytes)).toEqual(Buffer.from(bytes));
    }),
  );
});

test('deflate is decoded with and without a zlib header', () => {
  expect(textOf(decodeContent(deflateSync('text'), ['deflate']))).toBe('text');
  expect(textOf(decodeContent(deflateRawSync('text'), ['deflate']))).toBe('text');
});

test('zstd is decoded', () => {
  const frame =
    'KLUv/QRopQEAxAJ7ImhlbGxvIjoienN0ZCIsImxpc3QiOlsxLDIsMyw0LDUsNiw3LDgsOSxdfQEAUuQsA22B2JQ=';
  const list = Array(3).fill('1,2,3,4,5,6,7,8,9').join(',');
  expect(textOf(decodeContent(Buffer.from(frame, 'base64'), ['zstd']))).toBe(
    `{"hello":"zstd","list":[${list}]}`,
  );
});

test.each(['gzip', 'deflate', 'br', 'zstd'])(
  'any bytes called %s give bytes or a fault',
  (coding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeContent(bytes, [coding]);
        expect('bytes' in decoded || decoded.fault.length > 0).toBe(true);
      }),
    );
  },
);

test.each([
  ['gzip', gzipSync(Buffer.alloc(10_000))],
  ['deflate', deflateSync(Buffer.alloc(10_000))],
  ['br', brotliCompressSync(Buffer.alloc(10_000))],
  // A frame of one block that repeats a byte 10,000 times (RFC 8878, 3.1.1.2.2).
  ['zstd', Buffer.from('28b52ffd0058833801' + '00', 'hex')],
])('%s that exceeds the limit is a fault', (coding, bytes) => {
  expect(textOf(decodeContent(bytes, [coding], 9_999))).toMatch(new RegExp(`^fault: ${coding}: `));
  expect(decodeContent(bytes, [coding], 10_000)).toHaveProperty('bytes.length', 10_000);
});

test('an unknown coding is a fault, also when it is a name of Object.prototype', () => {
  expect(textOf(decodeContent(Buffer.from('x'), ['compress']))).toContain('compress');
  expect(textOf(decodeContent(Buffer.from('x'), ['constructor']))).toContain('constructor');
});

test('an empty body is empty in every coding', () => {
  expect(textOf(decodeContent(Buffer.alloc(0), ['gzip', 'unknown']))).toBe('');
});
