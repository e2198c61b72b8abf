/**
 * Finds the folders and items of a collection v2 in a file that is too large to parse as a whole. Only the structure
 * is examined; whether an entry is valid is checked when it is parsed.
 */

import { stringMarkAt, structureAt } from '../json/structure.ts';
import { shownPlace } from './input.ts';

/** A collection, folder or item in a file; offsets and lengths in bytes. */
export type EntrySpan = {
  readonly offset: number;
  /** Up to the end of the file if the file ends inside the entry. */
  length: number;
  /** The array of its items, including the brackets, if it has one. */
  list?: { readonly offset: number; length: number };
  readonly children: EntrySpan[];
};

export type CollectionScan = {
  /** Absent if the file contains no object. */
  readonly root?: EntrySpan;
  /** The path of the entry in which a truncated file ends, `item[3].item[0]`. */
  readonly cutIn?: string;
  /** The position of an unmatched closing bracket. */
  readonly faultAt?: number;
};

type Readable = { chunks(): Iterable<Buffer>; read(offset: number, length: number): Buffer };

/** An open bracket: of an entry, of an entry's item array, or of any other value that is scanned. */
type Open = {
  readonly close: number;
  readonly entry?: EntrySpan;
  readonly listOf?: EntrySpan;
  /** The start of the array element that has not ended yet. */
  elementAt: number;
};

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Longer strings are not relevant keys. */
const LONGEST_KEY = 32;

/**
 * Finds the entries of a collection in one pass.
 *
 * @param wrapper the key of the collection in the root object, if the collection is not the root object itself
 */
export function scanCollection(source: Readable, wrapper?: string): CollectionScan {
  const open: Open[] = [];
  let root: EntrySpan | undefined;
  /** The number of open brackets inside a skipped value. */
  let skipped = 0;
  let key: string | undefined;
  let isValue = false;
  let stringAt = -1;
  let escaped = false;
  let base = 0;

  const entryAt = (offset: number): EntrySpan => ({ offset, length: 0, children: [] });
  /** @returns false if a comma is missing */
  function opens(byte: number, at: number): boolean {
    const around = open.at(-1);
    const elementAt = at + 1;
    if (byte === OPEN_OBJECT) {
      const isRoot = root === undefined && (wrapper === undefined ? !around : key === wrapper);
      if (isRoot || around?.listOf) {
        const last = around?.listOf?.children.at(-1);
        if (around && last && last.offset >= around.elementAt) return false;
        const entry = entryAt(at);
        if (isRoot) root = entry;
        else around?.listOf?.children.push(entry);
        open.push({ close: CLOSE_OBJECT, entry, elementAt });
        return true;
      }
      if (!around && wrapper !== undefined) {
        open.push({ close: CLOSE_OBJECT, elementAt });
        return true;
      }
    } else if (around?.entry && isValue && key === 'item' && !around.entry.list) {
      around.entry.list = { offset: at, length: 0 };
      open.push({ close: CLOSE_ARRAY, listOf: around.entry, elementAt });
      return true;
    }
    skipped = 1;
    return true;
  }
  /** An array element that is not an object is an entry that will turn out to be invalid. */
  function endElement({ listOf, elementAt }: Open, at: number): void {
    const last = listOf?.children.at(-1);
    if (!listOf || (last && last.offset >= elementAt)) return;
    const text = source.read(elementAt, Math.min(at - elementAt, LONGEST_KEY)).toString('latin1');
    if (text.trim() === '') return;
    listOf.children.push({ offset: elementAt, length: at - elementAt, children: [] });
  }
  function closes(byte: number, at: number): boolean {
    const closed = open.pop();
    if (closed?.close !== byte) return false;
    endElement(closed, at);
    if (closed.entry) closed.entry.length = at + 1 - closed.entry.offset;
    const list = closed.listOf?.list;
    if (list) list.length = at + 1 - list.offset;
    return true;
  }

  for (const chunk of source.chunks()) {
    for (let from = 0; from < chunk.length; ) {
      if (escaped) {
        escaped = false;
        from += 1;
        continue;
      }
      const at = stringAt < 0 ? structureAt(chunk, from) : stringMarkAt(chunk, from);
      const byte = chunk[at];
      from = at + 1;
      if (byte === undefined) break;
      if (stringAt >= 0) {
        if (byte === BACKSLASH) escaped = true;
        else {
          if (skipped === 0 && !isValue) key = keyAt(source, stringAt, base + at + 1);
          stringAt = -1;
        }
        continue;
      }
      if (byte === QUOTE) stringAt = base + at;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (skipped > 0) skipped += 1;
        else if (!opens(byte, base + at)) return { ...(root && { root }), faultAt: base + at };
        isValue = false;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (skipped > 0) skipped -= 1;
        else if (!closes(byte, base + at)) return { ...(root && { root }), faultAt: base + at };
      } else if (skipped === 0 && byte === COLON) isValue = true;
      else if (skipped === 0 && byte === COMMA) {
        isValue = false;
        const around = open.at(-1);
        if (around?.listOf) {
          endElement(around, base + at);
          around.elementAt = base + at + 1;
        }
      }
    }
    base += chunk.length;
  }
  if (root === undefined || open.length === 0) return root === undefined ? {} : { root };
  return { root, cutIn: endAt(open, base) };
}

/** Removes the item in which the file ends; enclosing folders keep the items before it. */
function endAt(open: readonly Open[], size: number): string {
  const lists = open.flatMap(({ listOf }) => listOf ?? []);
  const inner = open.at(-1);
  for (const { entry, listOf } of open) {
    if (entry) entry.length = size - entry.offset;
    if (listOf?.list) listOf.list.length = size - listOf.list.offset;
  }
  const isWhole = inner?.listOf !== undefined;
  if (!isWhole && inner?.entry && !inner.entry.list) lists.at(-1)?.children.pop();
  const path = lists.map(({ children }, level) => {
    const isLast = level === lists.length - 1;
    return `item[${isLast ? children.length : children.length - 1}]`;
  });
  return shownPlace(path.join('.')) || 'the collection';
}

function keyAt(source: Readable, at: number, end: number): string | undefined {
  if (end - at > LONGEST_KEY) return undefined;
  try {
    return JSON.parse(source.read(at, end - at).toString());
  } catch {
    return undefined;
  }
}
