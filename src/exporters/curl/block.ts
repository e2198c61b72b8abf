import type { CurlBody } from './body.ts';
import { type Piece, shellWord, shownText } from './shell.ts';

/** A curl call before it is written as shell words. */
export type CurlRequest = {
  /** Whether curl follows redirects. */
  readonly follows: boolean;
  /** The option for an HTTP version: `--http1.1`. */
  readonly version?: string | undefined;
  readonly url: readonly Piece[];
  /** The request target, if curl would change it in a URL. */
  readonly target?: readonly Piece[];
  readonly method: readonly Piece[];
  readonly auth: readonly string[];
  readonly headers: readonly {
    readonly name: readonly Piece[];
    readonly value: readonly Piece[];
  }[];
  /** Headers that curl would add by itself. */
  readonly unwanted: readonly string[];
  readonly body: CurlBody | undefined;
};

/** Writes the comments, then the call. */
export function curlBlock(comments: readonly string[], request: CurlRequest): string {
  const { follows, version, url, target, body } = request;
  const call = [
    `curl -q -sS${follows ? ' -L' : ''} --globoff --path-as-is${version ? ` ${version}` : ''} --url ${shellWord(url)}`,
    ...(target ? [`--request-target ${shellWord(target)}`] : []),
    ...methodOptions(request),
    ...request.auth,
    ...headerOptions(request),
    ...(body?.options ?? []),
  ].join(' \\\n  ');
  return `${comments.flatMap(commentLines).join('')}${body?.source ? piped(body.source, call) : call}\n`;
}

function piped(source: readonly string[], call: string): string {
  return `{\n${source.map((line) => `  ${line}\n`).join('')}} | ${call}`;
}

/** By default curl sends GET without a body and POST with a body. */
function methodOptions({ method, body }: CurlRequest): string[] {
  const word = shellWord(method);
  if (word === "'HEAD'") {
    // curl would wait for the body that a response to HEAD only announces.
    return body === undefined ? ['--head'] : ['-X HEAD --max-time 5'];
  }
  if (word === (body === undefined ? "'GET'" : "'POST'")) return [];
  return [`-X ${word.replace(/^'([A-Z]+)'$/, '$1')}`];
}

function headerOptions({ headers, unwanted }: CurlRequest): string[] {
  const lines = headers.map(({ name, value }) =>
    shellWord(value.join('') === '' ? [...name, ';'] : [...name, ': ', ...value]),
  );
  const isCoded = headers.some(({ name }) => name.join('').toLowerCase() === 'accept-encoding');
  return [
    ...lines.map((line) => `-H ${line}`),
    ...unwanted.map((name) => `-H '${name}:'`),
    ...(isCoded ? ['--compressed'] : []),
  ];
}

/** A line of text without line breaks or hidden characters; bytes are decoded if they are UTF-8. */
export function comment(text: string): string {
  return (shownText(byteText(text)) ?? text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** Writes a text as comments, line by line. */
export function commentLines(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(/\r?\n/).map((line) => `${`# ${comment(line)}`.trimEnd()}\n`);
}

/** Text with characters beyond Latin-1 is not raw bytes: it is sent as UTF-8. */
export function byteText(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text).toString('latin1') : text;
}
