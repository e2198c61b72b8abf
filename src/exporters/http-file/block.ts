import type { Header } from '../../exchange.ts';
import { oneLine } from './text.ts';

/** A request as written in the file. */
export type FileRequest = {
  /** Instructions for the programs: `no-redirect`. */
  readonly tags: readonly string[];
  readonly method: string;
  readonly url: string;
  readonly version?: string | undefined;
  readonly headers: readonly Header[];
  readonly body: string | undefined;
};

/** Writes a request with its separator line and comments; without a request, writes only these two. */
export function httpBlock(
  title: string,
  comments: readonly string[],
  request?: FileRequest,
): string {
  return [
    `### ${oneLine(title)}\n`,
    ...comments.flatMap(commentLines),
    ...(request ? requestLines(request) : []),
  ].join('');
}

function requestLines({ tags, method, url, version, headers, body }: FileRequest): string[] {
  return [
    ...tags.map((tag) => `# @${tag}\n`),
    `${method} ${url}${version === undefined ? '' : ` ${version}`}\n`,
    ...headers.map(([name, value]) => `${name}: ${value}\n`),
    ...(body === undefined ? [] : [`\n${body}\n`]),
  ];
}

/** Writes a text as comments, line by line. */
export function commentLines(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(/\r?\n/).map((line) => `${`# ${oneLine(line)}`.trimEnd()}\n`);
}
