import { itemName } from '../../analysis/naming/names.ts';
import type { Item, RecordedCall } from '../../collection.ts';
import { headerValues } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { originOf, parseTarget, type Target } from '../../http/target.ts';
import { isToken } from '../../http/token.ts';
import { outcomeWord } from '../outcome-word.ts';
import { planHeaders } from '../replayed-headers.ts';
import { byteText, comment, curlBlock } from './block.ts';
import { curlBody } from './body.ts';
import type { ItemScript } from './item.ts';
import type { Piece } from './shell.ts';

/** Writes a recorded call, which curl sends again byte for byte. */
export async function recordedBlock(
  { request: { url } }: Item,
  call: RecordedCall,
  { variables, attach }: ItemScript,
): Promise<string> {
  const { request } = call;
  const target = parseTarget(request.url);
  const title = `${itemName(request.method, target)} → ${outcomeWord(call)}`;
  const fault = faultOf(request, target);
  if (fault !== undefined) return `# ${comment(title)}\n# Left out: ${fault}\n`;
  const pieces = (data: string) => variables.recorded(data, call.isVariable);
  const bytes = await bodyBytes(request);
  const host = /^\{\{(\w+)\}\}$/.exec(url.parts?.host?.[0] ?? '')?.[1];
  const origin: Piece = host === undefined ? byteText(originOf(target)) : variables.host(host);
  const sent = byteText(`${target.path}${target.query === undefined ? '' : `?${target.query}`}`);
  const isPlain = target.path !== '*' && !/[^\x21-\x7e]|[#\\]/.test(sent);
  const plan = planHeaders(request, curlAuthority(target), bytes?.length);
  return curlBlock([oneLine(title), ...notesOn(request)], {
    follows: false,
    version: versionOf(request),
    // A target that curl would refuse, encode or cut at a fragment is passed as it was in the request line.
    ...(isPlain
      ? { url: [origin, ...pieces(sent)] }
      : { url: [origin, '/'], target: pieces(sent) }),
    method: [request.method],
    auth: [],
    headers: plan.sent.map(([name, value]) => ({ name: [name], value: pieces(byteText(value)) })),
    unwanted: plan.unwanted.map((name) => SPELLING[name] ?? name),
    body: bytes === undefined ? undefined : await curlBody(pieces(bytes), attach),
  });
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, '\ufffd');
}

/** Returns a body as Latin-1 text; a request that announced no content has an empty body. */
async function bodyBytes({ headers, body }: RecordedCall['request']): Promise<string | undefined> {
  if (body !== undefined) return asBuffer(await body.bytes()).toString('latin1');
  return headerValues(headers, 'content-length').includes('0') ? '' : undefined;
}

function faultOf({ method }: RecordedCall['request'], target: Target): string | undefined {
  if (!isToken(method)) return 'its method is not a valid HTTP method';
  if (target.host === '') return 'its URL has no host';
  const url = [target.host, target.port, target.path, target.query].join('');
  if (/[\r\n]/.test(url)) return 'its URL holds a line break';
  return url.includes('\0') ? 'its URL holds a NUL' : undefined;
}

function notesOn({ body, trailers }: RecordedCall['request']): string[] {
  return [
    ...(body?.cut ? [`Not all of the ${body.size} bytes of its body were recorded.`] : []),
    ...(trailers?.length ? ['It had trailers, which curl cannot send.'] : []),
  ];
}

function versionOf({ httpVersion }: RecordedCall['request']): string | undefined {
  return /^1\.[01]$/.test(httpVersion) ? `--http${httpVersion}` : undefined;
}

const SPELLING: Readonly<Record<string, string>> = {
  accept: 'Accept',
  'content-type': 'Content-Type',
  expect: 'Expect',
  host: 'Host',
  'user-agent': 'User-Agent',
};

/** Host and port, without the scheme's default port. User and password are omitted: the recorded header has them. */
function curlAuthority({ protocol, host, port }: Target): string {
  const implied = protocol === 'https' ? '443' : '80';
  return port === undefined || port === implied ? host : `${host}:${port}`;
}
