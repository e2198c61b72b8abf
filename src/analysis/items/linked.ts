import type { ItemBody, Parameter } from '../../collection.ts';
import type { Target } from '../../http/target.ts';
import type { JsonPath } from '../../json/leaves.ts';
import { elementSpans, memberSpans, type Span, valueSpan } from '../../json/spans.ts';
import type { VariableUse } from '../correlation/chain-variables.ts';
import { partsOf } from '../correlation/uses.ts';

// Replaces values that an earlier response of the same run issues with variables, each in its place.

/** The path and query with variables. */
export function linkedTarget(target: Target, uses: readonly VariableUse[]): Target {
  let { path, query } = target;
  for (const { at, value, variable } of uses) {
    if (at.in === 'path') {
      const segments = path.split('/');
      const segment = segments[at.index + 1];
      if (segment !== undefined) {
        path = segments.with(at.index + 1, linkedPart(segment, value, variable)).join('/');
      }
    } else if (at.in === 'query') query = query && linkedQuery(query, at.name, value, variable);
  }
  return { ...target, path, ...(query === undefined ? {} : { query }) };
}

function linkedQuery(query: string, name: string, value: string, variable: string): string {
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1 || decoded(pair.slice(0, equals)) !== name) return pair;
      return pair.slice(0, equals + 1) + linkedPart(pair.slice(equals + 1), value, variable);
    })
    .join('&');
}

/** A segment or a query value; the linked value is all or part of it. */
function linkedPart(text: string, value: string, variable: string): string {
  const written = (part: string) => (decoded(part) === value ? `{{${variable}}}` : part);
  const whole = written(text);
  return whole === text ? partsOf(text).map(written).join('') : whole;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The headers with variables. */
export function linkedHeaders(
  headers: readonly Parameter[],
  uses: readonly VariableUse[],
): readonly Parameter[] {
  if (uses.length === 0) return headers;
  return headers.map((header) => {
    let value = header.value ?? '';
    for (const use of uses) {
      if (use.at.in !== 'header' || use.at.name !== header.key) continue;
      value = value.replace(use.value, () => `{{${use.variable}}}`);
    }
    return { ...header, value };
  });
}

/** The body with variables; a body in a file is unchanged. */
export function linkedBody(body: ItemBody, uses: readonly VariableUse[]): ItemBody {
  switch (body.mode) {
    case 'raw':
      return { ...body, text: linkedJson(body.text, [], uses) };
    case 'graphql': {
      const { variables } = body;
      if (variables === undefined) return body;
      return { ...body, variables: linkedJson(variables, ['variables'], uses) };
    }
    case 'urlencoded':
      return { ...body, fields: body.fields.map((field) => linkedField(field, uses)) };
    case 'formdata':
      return {
        ...body,
        fields: body.fields.map((field) =>
          field.type === 'text' ? linkedField(field, uses) : field,
        ),
      };
    default:
      return body;
  }
}

function linkedField<T extends Parameter>(field: T, uses: readonly VariableUse[]): T {
  const use = uses.find(
    ({ at, value }) => at.in === 'field' && at.name === field.key && value === field.value,
  );
  return use === undefined ? field : { ...field, value: `{{${use.variable}}}` };
}

/** @param root the path of this text in the recorded body */
function linkedJson(text: string, root: JsonPath, uses: readonly VariableUse[]): string {
  const found = uses.flatMap(({ at, variable }) => {
    if (at.in !== 'json' || root.some((step, index) => at.path[index] !== step)) return [];
    const span = spanAt(text, at.path.slice(root.length));
    return span === undefined ? [] : [{ ...span, variable }];
  });
  let linked = text;
  // From the end, so that earlier offsets stay valid.
  for (const { start, end, variable } of found.sort((a, b) => b.start - a.start)) {
    const quote = text[start] === '"' ? '"' : '';
    linked = `${linked.slice(0, start)}${quote}{{${variable}}}${quote}${linked.slice(end)}`;
  }
  return linked;
}

function spanAt(text: string, path: JsonPath): Span | undefined {
  let span: Span | undefined = valueSpan(text, text.startsWith('\ufeff') ? 1 : 0);
  for (const step of path) {
    if (span === undefined) return undefined;
    span =
      typeof step === 'number'
        ? elementSpans(text, span)[step]
        : memberSpans(text, span).findLast(({ name }) => name === step)?.value;
  }
  return span;
}
