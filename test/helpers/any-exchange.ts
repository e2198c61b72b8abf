import type { Exchange, Outcome } from '../../src/exchange.ts';
import { type BodyParts, exchange, failure, response } from './exchanges.ts';
import { fc } from './properties.ts';

/** A text of any characters, often one that means something to somebody. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('{{baseUrl}}', '{{$guid}}', '"', '\\', '__proto__', 'constructor', ''),
);
const latin1 = fc.string({
  unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
});
const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);
const headerName = fc.oneof(
  token,
  fc.constantFrom(
    'Cookie',
    'Set-Cookie',
    'Authorization',
    'Host',
    'Location',
    'Content-Encoding',
    '__proto__',
    ':path',
  ),
);
const contentType = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'text/html; charset=utf-16',
  'text/plain; charset=no-such',
  'image/png',
  '; charset',
);
const headers = fc
  .tuple(fc.array(fc.tuple(headerName, latin1), { maxLength: 6 }), fc.option(contentType))
  .map(([list, type]) =>
    type === null ? list : [...list, ['Content-Type', type] as [string, string]],
  );
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  anyText.map((value) => Buffer.from(value)),
  fc
    .constantFrom('a=1&b=2&a=3', '{"query":"{me}"}', '--b\r\n\r\n--b--', '[1,2')
    .map((value) => Buffer.from(value)),
);
const body: fc.Arbitrary<BodyParts> = fc
  .tuple(bytes, fc.option(fc.nat(8)))
  .map(([value, cutTo]) => (cutTo === null ? value : { bytes: value, cutTo }));
const url = fc
  .tuple(
    fc.constantFrom(
      'http://a.test',
      'https://a.test:8443',
      'http://[::1]:80',
      'http://u:p@b.test',
      'HTTP://B.test',
      'nonsense',
    ),
    fc.array(fc.oneof(latin1, fc.constantFrom('/', '?', '&', '=', ':id', '..'))),
  )
  .map(([origin, parts]) => `${origin}/${parts.join('')}`);
const answer = fc
  .record({ status: fc.integer({ min: 100, max: 599 }), statusText: latin1, headers, body })
  .map((parts) => response(parts));
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  answer.map((value) => ({ kind: 'completed' as const, response: value })),
  answer.map((partial) => ({ kind: 'aborted' as const, partial })),
  answer.map((partial) => ({ kind: 'unfinished' as const, partial })),
  anyText.map((message) => failure('reset', message)),
);
/** An arbitrary exchange, most often an unusual one. */
export const anyExchange: fc.Arbitrary<Exchange> = fc
  .record(
    { url, method: token, headers, body, outcome, webSocketMessages: fc.nat() },
    { requiredKeys: ['url', 'method', 'headers', 'outcome'] },
  )
  .map((parts) => exchange(parts));
