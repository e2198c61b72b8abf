import { STATUS_CODES } from 'node:http';
import { jsonLeaves, parseJson } from '../../json/leaves.ts';
import type { Source } from '../correlation/issued-values.ts';
import { type AnswerShape, answerShape } from './answer-shape.ts';
import { isLasting } from './lasting-values.ts';
import { access, literal, quoted } from './script-text.ts';

/** The parts of a response that a script can assert. */
type AssertedAnswer = {
  readonly status: number;
  /** The media type in lower case, without parameters. */
  readonly type?: string | undefined;
  /** The body as text, if it is complete and text. */
  readonly text?: string | undefined;
  /** The same with variables in place of secret values, which scripts must not contain. */
  readonly redacted?: string | undefined;
};

/** A value that a script keeps for the requests further down. */
export type Store = { readonly variable: string; readonly source: Source };

/** Collects what all responses to one request have in common. */
export type AnswerTests = {
  see(answer: AssertedAnswer): void;
  /** The lines of a script that runs after the request; empty if there is nothing to assert. */
  lines(stores: readonly Store[]): string[];
};

/** Starts with no response seen. */
export function answerTests(): AnswerTests {
  const statuses = new Set<number>();
  const types = new Set<string | undefined>();
  const shapes: AnswerShape[] = [];
  let allJson = true;
  const values = new Map<string, Lasting>();
  let answers = 0;
  return {
    see({ status, type, text, redacted = text }) {
      answers += 1;
      statuses.add(status);
      types.add(type);
      const value = isJson(type) && text !== undefined ? parseJson(text) : undefined;
      if (value === undefined) {
        allJson = false;
        return;
      }
      if (shapes.length === 0) shapes.push(answerShape());
      shapes[0]?.see(value);
      seeValues(parseRedacted(redacted ?? ''), values, answers);
    },
    lines(stores) {
      const lasting = [...values.values()].filter((found) => found.seen === answers);
      const blocks = [
        ...statusTest(statuses),
        ...typeTest(types),
        ...(allJson ? shapeTest(shapes[0]?.schema()) : []),
        ...(allJson ? valuesTest(lasting) : []),
        ...storing(stores),
      ];
      return blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
    },
  };
}

/** A value that was the same in all responses so far. */
type Lasting = { readonly path: readonly string[]; readonly value: unknown; seen: number };

/** Enough to distinguish the response from others; more would be tedious. */
const MOST_VALUES = 8;
const LEAVES_LIMIT = 2000;

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || type?.endsWith('+json') === true;
}

/** A replaced number leaves a variable without quotes. */
function parseRedacted(text: string): unknown {
  return parseJson(text) ?? parseJson(text.replace(/([:,[]\s*)(\{\{\w+\}\})/g, '$1"$2"'));
}

function seeValues(body: unknown, values: Map<string, Lasting>, answers: number): void {
  for (const leaf of jsonLeaves(body, LEAVES_LIMIT)) {
    const path = leaf.path.filter((step) => typeof step === 'string');
    // The number and order of a list's elements are not asserted.
    if (path.length < leaf.path.length || path.length === 0 || !isLasting(leaf)) continue;
    const key = JSON.stringify(path);
    const known = values.get(key);
    if (known === undefined && answers === 1) values.set(key, { path, value: leaf.value, seen: 1 });
    else if (known?.value === leaf.value && known.seen === answers - 1) known.seen = answers;
  }
}

function testBlock(title: string, ...statements: readonly string[]): string[] {
  return [`pm.test(${quoted(title)}, () => {`, ...statements.map((line) => `  ${line}`), '});'];
}

function statusTest(statuses: ReadonlySet<number>): string[][] {
  const [only] = statuses;
  if (only === undefined) return [];
  const codes = [...statuses].sort((a, b) => a - b);
  if (codes.length > 1) {
    const title = `Status is ${codes.slice(0, -1).join(', ')} or ${codes.at(-1)}`;
    return [testBlock(title, `pm.expect(pm.response.code).to.be.oneOf(${literal(codes)});`)];
  }
  const title = `Status is ${only} ${STATUS_CODES[only] ?? ''}`.trim();
  return [testBlock(title, `pm.response.to.have.status(${only});`)];
}

function typeTest(types: ReadonlySet<string | undefined>): string[][] {
  const [only] = types;
  if (types.size !== 1 || !only) return [];
  const statement = `pm.expect(pm.response.headers.get('Content-Type')).to.include(${quoted(only)});`;
  return [testBlock(`Content-Type is ${only}`, statement)];
}

function shapeTest(schema: object | undefined): string[][] {
  if (schema === undefined) return [];
  const statement = `pm.response.to.have.jsonSchema(${literal(schema, '  ')});`;
  return [testBlock('Body has the recorded shape', ...statement.split('\n').map(outdented))];
}

/** The literal is indented already; the block indents once more. */
function outdented(line: string, index: number): string {
  return index === 0 ? line : line.slice(2);
}

function valuesTest(lasting: readonly Lasting[]): string[][] {
  if (lasting.length === 0) return [];
  const expectations = lasting
    .slice(0, MOST_VALUES)
    .map(({ path, value }) => `pm.expect(body${access(path)}).to.equal(${literal(value)});`);
  const body = 'const body = pm.response.json();';
  return [testBlock('Body has the recorded values', body, ...expectations)];
}

function storing(stores: readonly Store[]): string[][] {
  if (stores.length === 0) return [];
  const html = stores.some(({ source }) => source.in === 'input' || source.in === 'meta');
  return [
    [
      `// Requests further down use ${stores.length === 1 ? 'this' : 'these'}.`,
      ...(html ? ["const page = require('cheerio').load(pm.response.text());"] : []),
      ...stores.map(
        ({ variable, source }) =>
          `pm.collectionVariables.set(${quoted(variable)}, ${expression(source)});`,
      ),
    ],
  ];
}

function expression(source: Source): string {
  switch (source.in) {
    case 'json':
      return `pm.response.json()${access(source.path)}`;
    case 'header':
      return `pm.response.headers.get(${quoted(source.name)})`;
    case 'location':
      return "pm.response.headers.get('Location').split(/[?#]/)[0].split('/').pop()";
    case 'cookie':
      return `pm.cookies.get(${quoted(source.name)})`;
    case 'input':
      return `page(${quoted(`input[name=${JSON.stringify(source.name)}]`)}).val()`;
    case 'meta':
      return `page(${quoted(`meta[name=${JSON.stringify(source.name)}]`)}).attr('content')`;
  }
}
