import { describeError, UserError } from '../../errors.ts';
import { faultIn, faultPosition } from '../../json/fault.ts';
import { type EntrySpan, scanCollection } from '../collection-scanner.ts';
import type { OnFault } from '../input.ts';
import type { Source } from '../source.ts';
import type { Entry } from './v2.ts';

/**
 * Finds the entries of a collection v2 in a file; each entry is read on demand.
 *
 * @param wrapper the key of the collection, if the file is not the collection itself
 * @throws UserError if the file is not a JSON object
 */
export function entryInFile(source: Source, wrapper: string | undefined, onFault: OnFault): Entry {
  const { root, cutIn, faultAt } = scanCollection(source, wrapper);
  const line = (at: number) => `${source.name}, line ${source.lineAt(at)}`;
  if (faultAt !== undefined) {
    const bracket = source.read(faultAt, 1).toString();
    throw new UserError(`${line(faultAt)}: Unexpected token '${bracket}'.`);
  }
  if (root === undefined) throw new UserError(`${source.name}: it holds no collection.`);
  if (cutIn !== undefined) {
    const fault = new UserError(`${line(source.size)}: the file ends in the middle of ${cutIn}.`);
    // Nothing can be read from a file without a complete entry.
    if (!hasItem(root)) throw fault;
    onFault(fault);
  }
  const entryOf = (span: EntrySpan): Entry => ({
    // Built on demand: nested folders may be too deep for the stack.
    get children() {
      return span.list && span.children.map(entryOf);
    },
    parse: (path) => parsed(source, span, path),
    located(fault) {
      const { message, cause } = fault;
      // A fault inside its JSON already has its line.
      if (message.startsWith(`${source.name}, `)) return fault;
      return new UserError(`${line(startOf(source, span))}: ${message}`, { cause });
    },
  });
  return entryOf(root);
}

function hasItem(root: EntrySpan): boolean {
  const open = [root];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    if (span.list === undefined) return true;
    for (const child of span.children) open.push(child);
  }
  return false;
}

function startOf(source: Source, { offset }: EntrySpan): number {
  const text = source.read(offset, 1024).toString('latin1');
  return offset + (/^\s*/.exec(text)?.[0].length ?? 0);
}

/** Longer strings cannot be created. */
const LONGEST_TEXT = 2 ** 29 - 24;

function parsed(source: Source, span: EntrySpan, path: string): unknown {
  const { offset, length, list } = span;
  if (length - (list?.length ?? 0) > LONGEST_TEXT)
    throw new UserError(`${path} is larger than 512 MB.`);
  const read = (from: number, to: number) => source.read(from, to - from).toString();
  const end = offset + length;
  // An incomplete entry has no end.
  const isCut = list !== undefined && list.offset + list.length >= end;
  const head = list ? `${read(offset, list.offset)}[]` : read(offset, end);
  const text = list ? head + (isCut ? '}' : read(list.offset + list.length, end)) : head;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = describeError(cause);
    const at = Buffer.byteLength(text.slice(0, faultPosition(said) ?? text.length));
    const behind = list && at > Buffer.byteLength(head) ? list.length - 2 : 0;
    const line = source.lineAt(offset + at + behind);
    throw new UserError(`${source.name}, line ${line}: ${path} is not JSON: ${faultIn(said)}.`, {
      cause,
    });
  }
}
