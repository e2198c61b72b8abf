import { describeError, UserError } from '../errors.ts';
import { faultPosition } from '../json/fault.ts';
import { elementSpans, type Span } from '../json/scanner.ts';
import { entriesInput, notJson } from './entries.ts';
import type { Input, OnFault } from './input.ts';
import type { Source } from './source.ts';

/** Opens a HAR file (HTTP Archive 1.1 or 1.2), of any size and by any program. */
export function openHar(source: Source, onFault: OnFault): Input {
  const spans: Span[] = [];
  const scan = elementSpans(source, ['log', 'entries']);
  let next = scan.next();
  for (; !next.done; next = scan.next()) spans.push(next.value);
  const { found, cutAt, beside } = next.value;
  if (!found) throw new UserError(`${source.name}: log.entries is missing.`);
  const version = beside.get('version') ?? '';
  if (!KNOWN_VERSION.test(version))
    onFault(new UserError(`${source.name}: log.version is ${version}; 1.1 and 1.2 are supported.`));
  if (cutAt !== undefined) onFault(endFault(source, cutAt, `log.entries[${spans.length}]`));
  return entriesInput(source, spans, (place) => `log.entries[${place}]`);
}

/** A missing or empty version means 1.1 (HAR 1.2, log). */
const KNOWN_VERSION = /^(?:1\.\d+)?$/;

/** How much of a broken entry is examined. */
const lookedAt = 16 * 1024 * 1024;

/** The file is truncated, or the entry lacks a quote or bracket and never ends. */
function endFault(source: Source, offset: number, path: string): UserError {
  const span = { offset, length: Math.min(source.size - offset, lookedAt) };
  const text = source.read(span.offset, span.length).toString();
  try {
    JSON.parse(text);
  } catch (error) {
    const position = faultPosition(describeError(error));
    if (position !== undefined && position < text.length)
      return notJson(source, span, text, path, error);
  }
  const line = source.lineAt(source.size);
  return new UserError(`${source.name}, line ${line}: the file ends in the middle of ${path}.`);
}
