import { isIP } from 'node:net';
import { z } from 'zod';
import { type HostPattern, hostPattern } from './patterns.ts';

// Every message says what to write instead. `readOptions` adds the option and the value.

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const BYTES = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;
/** The longest delay of a Node timer. With a longer one it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Text that is not empty. `what` names it: `a file name`. */
export function text(what: string) {
  return z.string().min(1, `${what} is missing`);
}

/** `500ms`, `120s`, `2m`, `1h` to milliseconds, up to 24 days. */
export const duration = z.string().transform((given, context) => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/i.exec(given);
  const unit = match?.[2]?.toLowerCase() as keyof typeof MILLISECONDS | undefined;
  if (unit === undefined) return refuse(context, 'write a duration such as 500ms, 120s, 2m or 1h');
  const ms = Math.round(Number(match?.[1]) * MILLISECONDS[unit]);
  return ms <= MAX_TIMER_MS ? ms : refuse(context, 'the longest duration is 24 days (576h)');
});

/** A duration as a person would type it: 120,000 ms is `120s`. */
export function durationText(ms: number): string {
  return ms % MILLISECONDS.s === 0 ? `${ms / MILLISECONDS.s}s` : `${ms}ms`;
}

/** `10mb`, `512kb`, `1gb`, `4096` to bytes; a kb is 1,024 bytes. */
export const size = z.string().transform((given, context) => {
  const match = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)?$/i.exec(given);
  if (match === null) return refuse(context, 'write a size such as 4096, 512kb, 10mb or 1gb');
  const unit = (match[2] ?? '').toLowerCase() as keyof typeof BYTES;
  return Math.round(Number(match[1]) * BYTES[unit]);
});

/** A size as a person would type it: 10,485,760 bytes are `10mb`. */
export function sizeText(bytes: number): string {
  const unit = (['gb', 'mb', 'kb'] as const).find((name) => bytes > 0 && bytes % BYTES[name] === 0);
  return unit === undefined ? String(bytes) : `${bytes / BYTES[unit]}${unit}`;
}

/** The highest TCP port. */
export const MAX_PORT = 65_535;

/** A TCP port, 0 for any free one. */
export const port = wholeNumber(MAX_PORT, `a port is a whole number from 0 to ${MAX_PORT}`);

/** A whole number, 0 or more. */
export const count = wholeNumber(Number.MAX_SAFE_INTEGER, 'write a whole number, 0 or more');

function wholeNumber(highest: number, message: string) {
  return z.string().transform((given, context) => {
    const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    return number <= highest ? number : refuse(context, message);
  });
}

/** `true` or `false`, also `yes`/`no`, `on`/`off`, `1`/`0`. */
export const boolean = z.stringbool({
  truthy: ['true', 'yes', 'on', '1'],
  falsy: ['false', 'no', 'off', '0'],
  error: 'write true or false',
});

/** One of a few words, case-insensitive. */
export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, { error: `write ${choice(words)}` }));
}

/** `a, b or c`. */
export function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A method name (RFC 9110 5.6.2, token), in upper case. */
export const method = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'write methods such as GET,POST')
  .toUpperCase();

/** Status codes from `from` to `to`, both included. */
export type StatusRange = { readonly from: number; readonly to: number };

/** `404`, `2xx`, `500-503`. There are five classes (RFC 9110, 15), but servers also send codes outside them. */
export const statusRange = z.string().transform((given, context): StatusRange => {
  const match = /^(?:([1-5])xx|([1-9]\d\d)(?:-([1-9]\d\d))?)$/i.exec(given);
  const [, hundred, first, last] = match ?? [];
  if (hundred) return { from: Number(hundred) * 100, to: Number(hundred) * 100 + 99 };
  const range = { from: Number(first), to: Number(last ?? first) };
  return range.from <= range.to
    ? range
    : refuse(context, 'write status codes such as 2xx, 404 or 500-503');
});

/** An address to listen on: an IP address (an IPv6 one also in brackets) or a host name. */
export const address = z.string().transform((given, context) => {
  const bare = given.replace(/^\[(.+)\]$/, '$1');
  return isIP(bare) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare)
    ? bare
    : refuse(context, 'write an address such as 127.0.0.1 or ::1, without a port');
});

/** The URL of a proxy to chain to. */
export const proxyUrl = z.string().transform((given, context) => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const known =
    url !== undefined && /^(?:https?|socks5):$/.test(url.protocol) && url.hostname !== '';
  const plain = known && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  return plain
    ? url
    : refuse(context, 'write http://host:port, https://host:port or socks5://host:port');
});

/** `user:password`. The user has no colon (RFC 7617, 2). */
export const credentials = z
  .string()
  .regex(/^[^:\p{Cc}]+:\P{Cc}+$/u, 'write a user and a password, as user:password');

/** A server behind the proxy's own address, and the beginning of the paths that lead to it; empty for all paths. */
export type TargetServer = { readonly prefix: string; readonly url: string };

/** `https://api.example.com/v1`, or `/prefix=` and such a URL. */
export const targetServer = z.string().transform((given, context): TargetServer => {
  const [, prefix = '', address = ''] = /^(?:(\/[^=?#]*)=)?(.*)$/s.exec(given) ?? [];
  const url = /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.username !== '' || url.search !== '' || url.hash !== '') {
    return refuse(context, 'write a URL such as https://api.example.com, or /prefix=https://…');
  }
  return { prefix: prefix.replace(/\/+$/, ''), url: url.href.replace(/\/$/, '') };
});

/** The certificate to show to the hosts that match: PEM files, or one PKCS #12 file. */
export type ClientCertificateFiles = { readonly host: string; readonly matches: HostPattern } & (
  | { readonly certFile: string; readonly keyFile: string }
  | { readonly pfxFile: string }
);

/** `host=cert.pem,key.pem` or `host=file.pfx`. The files are not opened here. */
export const clientCertificate = z.string().transform((given, context): ClientCertificateFiles => {
  const [, host = '', first = '', second] = /^([^=]+)=([^,]+)(?:,(.+))?$/.exec(given) ?? [];
  const expected = 'write host=cert.pem,key.pem or host=file.pfx';
  if (first === '') return refuse(context, expected);
  const parsed = hostPattern.safeParse(host);
  if (!parsed.success) return refuse(context, expected);
  const matches = parsed.data;
  if (second !== undefined) return { host, matches, certFile: first, keyFile: second };
  return /\.(?:pfx|p12)$/i.test(first)
    ? { host, matches, pfxFile: first }
    : refuse(context, expected);
});

/** The segments of a path, those that are parameters as `{ parameter }`. */
export type TemplateSegments = readonly (string | { readonly parameter: string })[];

/** `/users/:name/files/{file}`. */
export const pathTemplate = z.string().transform((given, context): TemplateSegments => {
  const segments = given
    .slice(1)
    .split('/')
    .map((segment) => {
      const match = /^(?::([A-Za-z_][\w-]*)|\{([A-Za-z_][\w-]*)\})$/.exec(segment);
      const parameter = match?.[1] ?? match?.[2];
      return parameter === undefined ? segment : { parameter };
    });
  const names = segments.flatMap((part) => (typeof part === 'string' ? [] : [part.parameter]));
  const isPath = /^\/[^?#\s]+$/.test(given);
  const isClean = segments.every((part) => typeof part !== 'string' || !/^:|[{}]/.test(part));
  if (isPath && isClean && names.length > 0) {
    if (new Set(names).size === names.length) return segments;
    return refuse(context, 'each parameter needs a name of its own');
  }
  return refuse(context, 'write a path with a parameter, such as /users/:name or /users/{name}');
});

/** Fails a transform with a message that says what to write instead. */
function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue(message);
  return z.NEVER;
}
