import { describeError, UserError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { exchangeOf } from '../har/exchange.ts';
import { faultIn, faultPosition } from '../json/fault.ts';
import type { Span } from '../json/scanner.ts';
import { withAttachments } from './attachments.ts';
import type { Input } from './input.ts';
import { momentOf, momentsBeside, withMoment } from './moments.ts';
import type { Source } from './source.ts';

/**
 * HAR entries in a file, parsed when they are read; memory holds only their positions.
 *
 * @param pathOf the location of an entry for messages: `log.entries[3]`
 */
export function entriesInput(
  source: Source,
  spans: readonly Span[],
  pathOf: (place: number) => string,
): Input {
  const beside = momentsBeside(spans.length, (place) => momentIn(source, spans[place]));
  return {
    size: spans.length,
    async *read(places = spans.keys()) {
      for (const place of places) {
        const span = spans[place];
        const exchange = span && readEntry(source, span, place, pathOf(place), beside);
        if (exchange) yield exchange;
      }
    },
    close: () => source.close(),
  };
}

/** A longer entry would take several times its length in memory, and V8 limits strings to 512 MB. */
const LONGEST_ENTRY = 256 * 1024 * 1024;

function textAt(source: Source, { offset, length }: Span): string {
  return source
    .read(offset, length)
    .toString()
    .replace(/^\uFEFF/, '');
}

/** Faults are reported in the order of the entries. */
function momentIn(source: Source, span: Span | undefined): number | undefined {
  try {
    return span && span.length <= LONGEST_ENTRY
      ? momentOf(JSON.parse(textAt(source, span)))
      : undefined;
  } catch {
    return undefined;
  }
}

function readEntry(
  source: Source,
  span: Span,
  place: number,
  path: string,
  beside: (place: number) => number,
): Exchange | undefined {
  if (span.length > LONGEST_ENTRY) {
    const line = source.lineAt(span.offset);
    throw new UserError(
      `${source.name}, line ${line}: ${path} has ${span.length} bytes; at most ${LONGEST_ENTRY} can be read.`,
    );
  }
  const text = textAt(source, span);
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch (error) {
    throw notJson(source, span, text, path, error);
  }
  try {
    if (!isHttp(entry)) return undefined;
    const timed = withMoment(entry, () => beside(place));
    return exchangeOf(withAttachments(timed, source.folder, path), place + 1, path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const start = span.offset + Buffer.byteLength(/^\s*/.exec(text)?.[0] ?? '');
    throw new UserError(`${source.name}, line ${source.lineAt(start)}: ${error.message}`);
  }
}

/** Browsers also list data from pages, from themselves and from disk, and proxies the tunnels that they opened. */
function isHttp(entry: unknown): boolean {
  const { method, url } = (entry as { request?: Asked } | null)?.request ?? {};
  return method !== 'CONNECT' && (typeof url !== 'string' || !OTHER_SCHEMES.test(url));
}

type Asked = { readonly method?: unknown; readonly url?: unknown };

const OTHER_SCHEMES =
  /^(data|blob|about|file|filesystem|ftp|javascript|chrome|edge|devtools|resource|[a-z-]+-extension):/i;

/** The parser's message about a text, with the line in the file. */
export function notJson(
  source: Source,
  span: Span,
  text: string,
  path: string,
  error: unknown,
): UserError {
  const said = describeError(error);
  const position = faultPosition(said) ?? text.length;
  const line = source.lineAt(span.offset + Buffer.byteLength(text.slice(0, position)));
  return new UserError(`${source.name}, line ${line}: ${path} is not JSON: ${faultIn(said)}.`, {
    cause: error,
  });
}
