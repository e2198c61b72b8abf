import type { CurlBody } from './body.ts';
import { type Piece, shellWord, shownText } from './shell.ts';

/** What a call of curl says, before it is written as words of a shell. */
export type CurlRequest = {
  /** Whether it goes where redirects lead. */
  readonly follows: boolean;
  /** The option for a version of HTTP: `--http1.1`. */
  readonly version?: string | undefined;
  readonly url: readonly Piece[];
  /** The target of the request's first line, where curl would change it in a URL. */
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

/** Writes a comment for each of these lines, and the call. */
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

/** Without a body curl sends GET, with one POST. */
function methodOptions({ method, body }: CurlRequest): string[] {
  const word = shellWord(method);
  if (word === "'HEAD'") {
    // curl waits for the body that an answer to HEAD only speaks of.
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

/** A line of text in which nothing can end the line or hide; bytes are read as UTF-8 where they are. */
export function comment(text: string): string {
  return (shownText(byteText(text)) ?? text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** A text as comments, line by line. */
export function commentLines(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(/\r?\n/).map((line) => `${`# ${comment(line)}`.trimEnd()}\n`);
}

/** Text with characters beyond Latin-1 cannot be bytes as they were read: it is sent as UTF-8. */
export function byteText(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text).toString('latin1') : text;
}
