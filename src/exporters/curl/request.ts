import { itemName } from '../../analysis/naming/names.ts';
import { type Exchange, headerValues, type RecordedRequest } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { originOf, parseTarget, type Target } from '../../http/target.ts';
import { isToken } from '../../http/token.ts';
import type { ExportOptions } from '../exporter.ts';
import { outcomeWord } from '../outcome-word.ts';
import { planHeaders } from '../replayed-headers.ts';
import { type CurlBody, curlBody } from './body.ts';
import { type Piece, shellWord, shownText } from './shell.ts';

/** What the requests of one script share. */
export type ScriptContext = {
  /** Shell variables by origin. */
  readonly origins: ReadonlyMap<string, string>;
  /** The variables that stand as `{{name}}` in what was redacted. */
  readonly secrets: ReadonlySet<string>;
  readonly attach: ExportOptions['attach'];
};

/** Writes one request as a comment and the call of curl that sends it again. */
export async function requestBlock(exchange: Exchange, context: ScriptContext): Promise<string> {
  const { request } = exchange;
  const target = parseTarget(request.url);
  const title = `# ${comment(`${itemName(request.method, target)} → ${outcomeWord(exchange)}`)}\n`;
  const fault = faultOf(request, target);
  if (fault !== undefined) return `${title}# Left out: ${fault}\n`;
  const pieces = (data: string) => piecesOf(data, context.secrets);
  const bytes = await bodyBytes(request);
  const body = bytes === undefined ? undefined : await curlBody(pieces(bytes), context.attach);
  const options = [
    `curl -q -sS --globoff --path-as-is${versionOption(request)} --url ${shellWord(urlPieces(target, context))}`,
    ...targetOption(target, pieces),
    ...methodOptions(request, body),
    ...headerOptions(request, target, bytes?.length, pieces),
    ...(body?.options ?? []),
  ];
  const call = options.join(' \\\n  ');
  return `${title}${notes(request)}${body?.source === undefined ? call : piped(body.source, call)}\n`;
}

/** As Latin-1 text; a request that said it had nothing to send has an empty body. */
async function bodyBytes({ headers, body }: RecordedRequest): Promise<string | undefined> {
  if (body !== undefined) return asBuffer(await body.bytes()).toString('latin1');
  return headerValues(headers, 'content-length').includes('0') ? '' : undefined;
}

function piped(source: readonly string[], call: string): string {
  return `{\n${source.map((line) => `  ${line}\n`).join('')}} | ${call}`;
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

function faultOf({ method }: RecordedRequest, target: Target): string | undefined {
  if (!isToken(method)) return 'its method is not a valid HTTP method';
  if (target.host === '') return 'its URL names no host';
  const parts = [target.host, target.port, target.path, target.query];
  const url = parts.join('');
  if (/[\r\n]/.test(url)) return 'its URL holds a line break';
  return url.includes('\0') ? 'its URL holds a NUL' : undefined;
}

function notes({ body, trailers }: RecordedRequest): string {
  const cut = body?.cut ? `# Not all of the ${body.size} bytes of its body were recorded.\n` : '';
  return trailers?.length ? `${cut}# It had trailers, which curl cannot send.\n` : cut;
}

function versionOption({ httpVersion }: RecordedRequest): string {
  if (httpVersion === '1.0') return ' --http1.0';
  return httpVersion === '1.1' ? ' --http1.1' : '';
}

function piecesOf(data: string, secrets: ReadonlySet<string>): Piece[] {
  return data.split(/\{\{(\w+)\}\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    return secrets.has(part) ? { variable: part, required: true } : `{{${part}}}`;
  });
}

/** User and password are left out: curl would make a header of them, and the recorded one is there. */
function urlPieces(target: Target, { origins, secrets }: ScriptContext): Piece[] {
  const origin = originOf(target);
  const variable = origins.get(origin);
  const start: Piece = variable === undefined ? byteText(origin) : { variable };
  if (needsRequestTarget(target)) return [start, '/'];
  return [start, ...piecesOf(requestTarget(target), secrets)];
}

function requestTarget({ path, query }: Target): string {
  return byteText(`${path}${query === undefined ? '' : `?${query}`}`);
}

/** Text with characters beyond Latin-1 cannot be bytes as they were read: it is sent as UTF-8. */
function byteText(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text).toString('latin1') : text;
}

/** What curl would refuse, encode or take for a fragment has to be given as the request's first line has it. */
function needsRequestTarget(target: Target): boolean {
  return target.path === '*' || /[^\x21-\x7e]|[#\\]/.test(requestTarget(target));
}

function targetOption(target: Target, pieces: (data: string) => Piece[]): string[] {
  if (!needsRequestTarget(target)) return [];
  return [`--request-target ${shellWord(pieces(requestTarget(target)))}`];
}

/** Without a body curl sends GET, with one POST. */
function methodOptions({ method }: RecordedRequest, body: CurlBody | undefined): string[] {
  if (method === 'HEAD') {
    // curl waits for the body that an answer to HEAD only speaks of.
    return body === undefined ? ['--head'] : ['-X HEAD --max-time 5'];
  }
  if (method === (body === undefined ? 'GET' : 'POST')) return [];
  return [`-X ${/^[A-Z]+$/.test(method) ? method : shellWord([method])}`];
}

function headerOptions(
  request: RecordedRequest,
  target: Target,
  bodyBytes: number | undefined,
  pieces: (data: string) => Piece[],
): string[] {
  const { sent, unwanted } = planHeaders(request, curlAuthority(target), bodyBytes);
  const lines = sent.map(([name, value]) =>
    shellWord(value === '' ? [`${name};`] : [`${name}: `, ...pieces(byteText(value))]),
  );
  const coded = sent.some(([name]) => name.toLowerCase() === 'accept-encoding');
  return [
    ...lines.map((line) => `-H ${line}`),
    ...unwanted.map((name) => `-H '${SPELLING[name] ?? name}:'`),
    ...(coded ? ['--compressed'] : []),
  ];
}

const SPELLING: Readonly<Record<string, string>> = {
  accept: 'Accept',
  'content-type': 'Content-Type',
  expect: 'Expect',
  host: 'Host',
  'user-agent': 'User-Agent',
};

/** Host and port, without the port that the scheme implies. */
function curlAuthority({ protocol, host, port }: Target): string {
  const implied = protocol === 'https' ? '443' : '80';
  return port === undefined || port === implied ? host : `${host}:${port}`;
}
