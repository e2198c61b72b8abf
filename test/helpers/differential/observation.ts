import { idField, type Run } from './exchange.ts';
import { type Field, type Message, valuesOf } from './wire.ts';

/** What both sides saw of an exchange, by place; comparable as text. */
export type Observation = Readonly<Record<Place, readonly string[]>>;

export type Place =
  /** Whether all exchanges of the connection came to an end on both sides. */
  | 'end of all'
  | 'request line'
  | 'request fields'
  | 'request body'
  | 'request end'
  | 'interim answers'
  | 'status'
  | 'reason'
  | 'answer fields'
  | 'answer body'
  | 'answer trailers'
  | 'answer end';

/** How an exchange reaches the server. `direct` is the yardstick. */
export type Transport = 'direct' | 'plain' | 'tunnel' | 'tls' | 'h2' | 'h2c';

/** Whether the client speaks HTTP/2 on its way. */
export function isOverHttp2(transport: Transport): boolean {
  return transport === 'h2' || transport === 'h2c';
}

/** RFC 9110 7.6.1, and the framing of each connection's own (RFC 9112 6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade'],
]);

/**
 * Says what was seen, without what RFC 9110 gives to each connection: HTTP versions (2.5), fields
 * for one hop (7.6.1), and how a body is framed (RFC 9112 6.3).
 *
 * @param authority the server's, which differs from run to run
 * @param isHttp2 also leaves out what does not exist over HTTP/2 (RFC 9113 8.2, 8.3)
 */
export function observe(
  run: Run,
  authority: string,
  isHttp2: boolean,
): Omit<Observation, 'end of all'> {
  const { request, final, script } = run;
  const lines = (message: Message | undefined) =>
    message === undefined ? [] : linesOf(endToEnd(message.fields), authority, isHttp2);
  // RFC 9110 15.2: nothing interim for a client of HTTP/1.0, nor trailers, which need chunks.
  const isOld = script.version === '1.0';
  const reason = (message: Message) => (isHttp2 ? '' : reasonOf(message));
  return {
    'request line': request ? [request.start.replace(/ HTTP\/[\d.]+$/, '')] : [],
    'request fields': lines(request),
    'request body': [summary(request?.body)],
    'request end': [String(request?.ended)],
    'interim answers': isOld
      ? []
      : run.interims.map((interim) =>
          [statusOf(interim), reason(interim), ...lines(interim)].join('|'),
        ),
    status: final ? [statusOf(final)] : [],
    reason: final ? [reason(final)] : [],
    'answer fields': lines(final),
    'answer body': [summary(final?.body)],
    'answer trailers': final && !isOld ? linesOf(final.trailers, authority, isHttp2) : [],
    'answer end': [String(final?.ended)],
  };
}

/** Header lines without those for one hop. */
export function endToEnd(fields: readonly Field[]): Field[] {
  const listed = valuesOf({ fields }, 'connection')
    .flatMap((value) => value.toLowerCase().split(','))
    .map((option) => option.trim());
  const dropped = new Set([...hopByHop, idField, ...listed]);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}

function linesOf(fields: readonly Field[], authority: string, isHttp2: boolean): string[] {
  const lines = fields.map(
    ([name, value]): Field => [name, value.replaceAll(authority, '{authority}')],
  );
  return (isHttp2 ? asHttp2(lines) : lines).map(([name, value]) => `${name}: ${value}`);
}

// Names in lower case (RFC 9113 8.2.1), cookies in one line (8.2.3). The order of lines with different
// names says nothing (RFC 9110 5.3), and Node's HTTP/2, which takes an object, does not keep it.
function asHttp2(lines: readonly Field[]): Field[] {
  const lower = lines.map(([name, value]): Field => [name.toLowerCase(), value]);
  const cookies = lower.filter(([name]) => name === 'cookie').map(([, value]) => value);
  const others = lower.filter(([name]) => name !== 'cookie');
  const joined: Field[] = cookies.length > 0 ? [['cookie', cookies.join('; ')]] : [];
  return [...joined, ...others].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

function statusOf({ start }: Message): string {
  return start.split(' ')[1] ?? '';
}

function reasonOf({ start }: Message): string {
  return start.split(' ').slice(2).join(' ');
}

function summary(body = ''): string {
  return body.length <= 100 ? body : `${body.length} bytes, ${checksum(body)}`;
}

function checksum(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) | 0;
  return sum;
}
