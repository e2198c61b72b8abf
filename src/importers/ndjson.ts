import type { Span } from '../json/scanner.ts';
import { entriesInput } from './entries.ts';
import type { Input } from './input.ts';
import type { Source } from './source.ts';

/** Opens a file with one HAR entry per line, as written by the format `ndjson`. */
export function openNdjson(source: Source): Input {
  const spans = [...lineSpans(source)].filter((span) => !isBlank(source, span));
  return entriesInput(source, spans, () => 'entry');
}

/** A blank line, as some editors leave at the end. */
function isBlank(source: Source, { offset, length }: Span): boolean {
  return length < shortestEntry && source.read(offset, length).toString().trim() === '';
}

/** An entry has a date and a request. */
const shortestEntry = 32;

/** The lines that are not empty. */
function* lineSpans(source: Source): Generator<Span> {
  let start = 0;
  let base = 0;
  for (const chunk of source.chunks()) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (base + at > start + 1) yield { offset: start, length: base + at - start };
      start = base + at + 1;
    }
    base += chunk.length;
  }
  if (base > start) yield { offset: start, length: base - start };
}
