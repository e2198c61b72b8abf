import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Exchange, Header, WebSocketMessage } from '../../src/exchange.ts';
import { type Certainty, SECRET_WORDS } from '../../src/secrets/detect/words.ts';
import { exchange, failure } from './exchanges.ts';

/** A value that does not occur by chance. */
export type Canary = { readonly name: string; readonly value: string };

const CERTAINTIES: readonly Certainty[] = ['password', 'certain', 'likely', 'key', 'ticket'];
const NAMES = SECRET_WORDS.filter(({ certainty }) => CERTAINTIES.includes(certainty)).map(
  ({ word }) => word.replaceAll(' ', '_'),
);

function canary(place: string, index: number): Canary {
  const hash = createHash('sha256').update(`${place} ${index}`).digest('hex').slice(0, 20);
  return { name: NAMES[index % NAMES.length] ?? 'token', value: `q7Z${hash}Kx` };
}

type Parts = Parameters<typeof exchange>[0];
type Plant = (canary: Canary, index: number) => Parts | Exchange;

const typed = (type: string): Header => ['Content-Type', type];
const json = (value: unknown): Parts => ({
  headers: [typed('application/json')],
  body: JSON.stringify(value),
});

const paths = [
  (value: string) => `/bot123456:${value}/getMe`,
  (value: string) => `/services/T0AAAA111/B0AAAA111/${value}`,
  (value: string) => `/api/webhooks/123456789/${value}`,
  (value: string) => `/x;jsessionid=${value}`,
];

const credentials = [
  (value: string) => `Bearer ${value}`,
  (value: string) => `Basic ${Buffer.from(`ada:${value}`).toString('base64')}`,
  (value: string) => `Digest username="ada", response="${value}"`,
  (value: string) => `Token token="${value}"`,
];

/** One of several in turn. */
const turn = (
  list: readonly ((value: string) => string)[],
  { value }: Canary,
  index: number,
): string => list[index % list.length]?.(value) ?? '';

/** A request and a response that have the canary in that place, as they would have a secret. */
export const plants: Readonly<Record<string, Plant>> = {
  userinfo: ({ value }) => ({ url: `http://ada:${value}@api.test/a` }),
  path: (one, index) => ({ url: `http://api.test${turn(paths, one, index)}` }),
  query: ({ name, value }) => ({ url: `http://api.test/q?page=2&${name}=${value}` }),
  header: ({ name, value }) => ({ headers: [[`X-${name.replaceAll('_', '-')}`, value]] }),
  cookie: ({ value }, index) => ({
    headers: [['Cookie', `lang=en; c${index}=${value}`]],
    response: { headers: [['Set-Cookie', `theme=${value}; Path=/`]] },
  }),
  form: ({ name, value }) => ({
    headers: [typed('application/x-www-form-urlencoded')],
    body: `a=1&user%5B${name}%5D=${value}`,
  }),
  multipart: ({ name, value }) => ({
    headers: [typed('multipart/form-data; boundary=b')],
    body: `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--b--\r\n`,
  }),
  JSON: ({ name, value }, index) =>
    json(index % 2 === 0 ? { a: [{ [name]: value }] } : { raw: JSON.stringify({ [name]: value }) }),
  XML: ({ name, value }) => ({
    headers: [typed('application/xml')],
    body: `<r><${name}>${value}</${name}></r>`,
  }),
  GraphQL: ({ name, value }, index) =>
    json(
      index % 2 === 0
        ? { query: 'query Q($i: I) { a(i: $i) }', variables: { i: { [name]: value } } }
        : { query: `mutation { login(${name}: "${value}") { id } }` },
    ),
  authorization: (one, index) => ({ headers: [['Authorization', turn(credentials, one, index)]] }),
  answer: ({ name, value }, index) => {
    const text = JSON.stringify({ [name]: value });
    const coded = index % 2 === 1;
    return {
      response: {
        headers: [
          typed('application/json'),
          ...(coded ? [['Content-Encoding', 'gzip'] as const] : []),
        ],
        body: coded ? gzipSync(text) : text,
      },
    };
  },
  'Location header': ({ name, value }, index) => ({
    response: {
      status: 302,
      headers: [['Location', `https://app.test/cb${index % 2 === 0 ? '?' : '#'}${name}=${value}`]],
    },
  }),
  'WebSocket message': ({ name, value }) => {
    const made = exchange({ url: 'https://api.test/ws', response: { status: 101 } });
    const data = Buffer.from(JSON.stringify({ [name]: value }));
    const message: WebSocketMessage = { at: made.startedAt, from: 'client', opcode: 1, data };
    const messages = async function* () {
      yield message;
    };
    return { ...made, webSocket: { count: 1, messages } };
  },
  failure: ({ name, value }) => ({
    outcome: failure('refused', `connect ECONNREFUSED http://api.test/?${name}=${value}`),
  }),
};

const PER_PLACE = 34;

/** The canaries of a place, and the exchanges that they are planted in. */
export function planted(place: string): { canaries: Canary[]; exchanges: Exchange[] } {
  const canaries = Array.from({ length: PER_PLACE }, (_, index) => canary(place, index));
  const exchanges = canaries.map((one, index): Exchange => {
    const made = plants[place]?.(one, index) ?? {};
    if ('request' in made) return made;
    return exchange({ url: `http://api.test/${place.replace(/\W/g, '-')}/${index}`, ...made });
  });
  return { canaries, exchanges };
}

/** An answer that repeats values in every way in which they may be written. */
export function echoOf(values: readonly string[]): Exchange {
  const lines = values.flatMap((value) => [
    value,
    encodeURIComponent(`?a=${value}&b=1`),
    JSON.stringify(JSON.stringify({ a: value })),
    Buffer.from(value).toString('base64'),
    Buffer.from(JSON.stringify({ data: value })).toString('base64url'),
  ]);
  const headers = [typed('text/plain')];
  return exchange({
    url: 'http://api.test/echo',
    response: { headers, body: lines.join('\n') },
  });
}
