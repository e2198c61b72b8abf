import { expect, test } from 'vitest';
import { editJson } from '../../src/json/insertion.ts';
import { fc } from '../helpers/properties.ts';

const layout = fc.constantFrom('\t', '  ', '    ', '');
const lineBreak = fc.constantFrom('\n', '\r\n');

/** Writes JSON as some program would. */
function written(value: unknown, indent: string, lineEnd: string): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', lineEnd);
}

function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...members.flatMap(([key, member]) => placesIn(member, [...path, key]))];
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce((found, key) => (found as Record<string | number, unknown>)[key], value);
}

test('every value of any document is found at its place', () => {
  fc.assert(
    fc.property(fc.jsonValue(), layout, lineBreak, (value, indent, lineEnd) => {
      const text = written(value, indent, lineEnd);
      const { find } = editJson(text);
      for (const path of placesIn(JSON.parse(text))) {
        const span = find(path);
        const part = span && text.slice(span.start, span.end);
        expect(part && JSON.parse(part)).toEqual(valueAt(JSON.parse(text), path));
      }
    }),
  );
});

test('values that are added to a list or object follow the layout of the document', () => {
  const list = fc.array(fc.jsonValue());
  fc.assert(
    fc.property(list, list, fc.jsonValue(), layout, lineBreak, (first, more, member, unit, end) => {
      const editor = editJson(written({ list: first, inner: {} }, unit, end));
      if (more.length > 0) editor.append(['list'], more);
      editor.addMember(['inner'], 'a', member);
      editor.addMember([], 'last', member);
      const result = { list: [...first, ...more], inner: { a: member }, last: member };
      expect(editor.text()).toBe(written(result, unit, end));
    }),
  );
});

test.each([
  ['{"a": [1, 2]}', '{"a": [1, 2, 3]}'],
  ['{ "a": [ ] }', '{ "a": [3 ] }'],
  ['{\n  "a": [1, 2]\n}\n', '{\n  "a": [1, 2, 3]\n}\n'],
  ['\ufeff{\n"a":\n[\n1]}', '\ufeff{\n"a":\n[\n1,\n3]}'],
  ['{"a":["\\\\", "]\\"["]}', '{"a":["\\\\", "]\\"[", 3]}'],
])('%j keeps its spaces', (before, after) => {
  const editor = editJson(before);
  editor.append(['a'], [3]);
  expect(editor.text()).toBe(after);
});

test('of two members with one name the last counts, as in JSON.parse', () => {
  const editor = editJson('{"a":[1],"a":[2]}');
  editor.append(['a'], [3]);
  expect(editor.text()).toBe('{"a":[1],"a":[2,3]}');
});

test('an empty object gets several members, and an empty string its text', () => {
  const editor = editJson('{\n  "a": {},\n  "b": ""\n}');
  editor.addMember(['a'], 'x', 1);
  editor.addMember(['a'], 'y', 2);
  editor.fill(['b'], 'a "word"');
  expect(editor.text()).toBe(
    '{\n  "a": {\n    "x": 1,\n    "y": 2\n  },\n  "b": "a \\"word\\""\n}',
  );
});
