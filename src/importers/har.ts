import { UserError } from '../errors.ts';
import { entriesInput } from './entries.ts';
import type { Input, OnFault } from './input.ts';
import { elementSpans, type Span } from './json-scanner.ts';
import type { Source } from './source.ts';

/** Opens a HAR file (HTTP Archive 1.1 or 1.2), of any size and by any program. */
export function openHar(source: Source, onFault: OnFault): Input {
  const spans: Span[] = [];
  const scan = elementSpans(source, ['log', 'entries']);
  let next = scan.next();
  for (; !next.done; next = scan.next()) spans.push(next.value);
  const { found, cutAt } = next.value;
  if (!found) throw new UserError(`${source.name}: log.entries is missing.`);
  if (cutAt !== undefined) {
    const line = source.lineAt(source.size);
    const path = `log.entries[${spans.length}]`;
    onFault(new UserError(`${source.name}, line ${line}: the file ends in the middle of ${path}.`));
  }
  return entriesInput(source, spans, (place) => `log.entries[${place}]`);
}
