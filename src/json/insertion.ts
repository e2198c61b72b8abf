import { elementSpans, type MemberSpan, memberSpans, type Span, wholeSpan } from './spans.ts';

/** Text to insert into a JSON document at one place; nothing is removed. */
type Insertion = { readonly at: number; readonly text: string };

/** Writes additions to a JSON document in the document's own style. */
export type JsonEditor = {
  /** The value at this path of member names and indices, if there is one. */
  find(path: readonly (string | number)[]): Span | undefined;
  /** Adds elements to the end of the array at this path. */
  append(path: readonly (string | number)[], values: readonly unknown[]): void;
  /** Adds a member to the end of the object at this path, which must not have one of that name. */
  addMember(path: readonly (string | number)[], name: string, value: unknown): void;
  /** Puts a text between the quotes of the empty string at this path. */
  fill(path: readonly (string | number)[], text: string): void;
  /** The document with all additions. */
  text(): string;
};

/**
 * Opens a document for additions: all its characters are kept in order.
 *
 * @param source valid JSON
 */
export function editJson(source: string): JsonEditor {
  const fills: Insertion[] = [];
  const tree = spanTree(source);
  const style = styleOf(source, tree.root);

  const found = (path: readonly (string | number)[]): Span => {
    const span = tree.find(path);
    if (span === undefined) throw new RangeError(`Nothing stands at ${path.join('.')}`);
    return span;
  };
  /** All additions to the end of one container. */
  const additions = new Map<number, Additions>();
  const insert = (container: Span, siblings: () => readonly Span[], write: Writer[]): void => {
    const known = additions.get(container.start);
    if (known === undefined) {
      additions.set(container.start, { container, siblings: siblings(), write: [...write] });
    } else known.write.push(...write);
  };
  /** Adds texts after the last of `siblings`, or to an empty container. */
  const insertion = ({ container, siblings, write }: Additions): Insertion => {
    const last = siblings.at(-1);
    const before = siblings.at(-2)?.end ?? container.start + 1;
    const space = last === undefined ? style.spaceIn(container) : spaceBefore(source, last, before);
    const closing = last === undefined ? style.spaceAfter(container) : '';
    const indent = indentIn(space) ?? (last && style.indentOf(last));
    const texts = write.map((writer) => space + writer(indent));
    const text = (last === undefined ? '' : ',') + texts.join(',') + closing;
    return { at: last?.end ?? container.start + 1, text };
  };
  const written = (value: unknown, indent: string | undefined): string => {
    if (indent === undefined) return JSON.stringify(value);
    const text = JSON.stringify(value, null, style.unit);
    return text.replaceAll('\n', style.lineBreak + indent);
  };

  return {
    find: tree.find,
    append(path, values) {
      const array = found(path);
      const writers = values.map((value) => (indent?: string) => written(value, indent));
      insert(array, () => tree.elements(array), writers);
    },
    addMember(path, name, value) {
      const object = found(path);
      const siblings = () =>
        tree.members(object).map(({ key, value: { end } }) => ({ ...key, end }));
      const colon = style.unit === '' ? ':' : ': ';
      insert(object, siblings, [(indent) => JSON.stringify(name) + colon + written(value, indent)]);
    },
    fill(path, text) {
      const { start, end } = found(path);
      if (end - start !== 2) throw new RangeError(`No empty string is at ${path.join('.')}`);
      fills.push({ at: start + 1, text: JSON.stringify(text).slice(1, -1) });
    },
    text: () => insertAll(source, [...fills, ...[...additions.values()].map(insertion)]),
  };
}

/** Additions to the end of a container, after its existing elements or members. */
type Additions = {
  readonly container: Span;
  readonly siblings: readonly Span[];
  readonly write: Writer[];
};

/** Writes a value; lines after its first begin with `indent`; without `indent` it is one line. */
type Writer = (indent?: string) => string;

function insertAll(source: string, insertions: readonly Insertion[]): string {
  let text = '';
  let at = 0;
  for (const insertion of [...insertions].sort((a, b) => a.at - b.at)) {
    text += source.slice(at, insertion.at) + insertion.text;
    at = insertion.at;
  }
  return text + source.slice(at);
}

/** Finds the spans in containers on demand, once for each container. */
function spanTree(source: string) {
  const root = wholeSpan(source, source.startsWith('\ufeff') ? 1 : 0);
  const elementsAt = new Map<number, Span[]>();
  const membersAt = new Map<number, MemberSpan[]>();
  const elements = (array: Span) =>
    remembered(elementsAt, array.start, () => elementSpans(source, array));
  const members = (object: Span) =>
    remembered(membersAt, object.start, () => memberSpans(source, object));
  const find = (path: readonly (string | number)[]): Span | undefined => {
    let span: Span | undefined = root;
    for (const step of path) {
      if (span === undefined) return undefined;
      span =
        typeof step === 'number'
          ? elements(span)[step]
          : members(span).findLast(({ name }) => name === step)?.value;
    }
    return span;
  };
  return { root, elements, members, find };
}

function remembered<T>(known: Map<number, T>, key: number, find: () => T): T {
  const value = known.get(key) ?? find();
  known.set(key, value);
  return value;
}

/** The layout of a document: its line breaks and one level of its indentation; empty for a single line. */
function styleOf(source: string, root: Span) {
  const [, lineBreak = '', indent = ''] =
    /^[{[][ \t]*(\r?\n)([ \t]*)/.exec(source.slice(root.start, root.start + 256)) ?? [];
  const unit = lineBreak === '' ? '' : indent || '\t';
  const lineIndent = (start: number): string => {
    const lineStart = source.lastIndexOf('\n', start) + 1;
    return /^[ \t]*/.exec(source.slice(lineStart, start))?.[0] ?? '';
  };
  return {
    lineBreak,
    unit,
    spaceIn: ({ start }: Span) => (unit === '' ? '' : lineBreak + lineIndent(start) + unit),
    spaceAfter: ({ start }: Span) => (unit === '' ? '' : lineBreak + lineIndent(start)),
    /** The indentation of a value that spans several lines, wherever its first line begins. */
    indentOf: ({ start, end }: Span) =>
      source.slice(start, end).includes('\n') ? lineIndent(start) : undefined,
  };
}

/** The white space before an element or member that follows `from`. */
function spaceBefore(source: string, { start }: Span, from: number): string {
  return /(?<![ \t\r\n])[ \t\r\n]*$/.exec(source.slice(from, start))?.[0] ?? '';
}

/** The indentation of the line that such white space begins; undefined if it begins no line. */
function indentIn(space: string): string | undefined {
  const lineStart = space.lastIndexOf('\n') + 1;
  return lineStart === 0 ? undefined : space.slice(lineStart);
}
