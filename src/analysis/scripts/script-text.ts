/** A value as a person writes it in JavaScript: bare names, single quotes, one line if it is short. */
export function literal(value: unknown, indent = ''): string {
  const short = inOneLine(value);
  if (short.length + indent.length <= WIDTH) return short;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const lines = value.map((element) => `${inner}${literal(element, inner)},\n`);
    return `[\n${lines.join('')}${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return short;
  const lines = Object.entries(value).map(
    ([name, member]) => `${inner}${memberName(name)}: ${literal(member, inner)},\n`,
  );
  return `{\n${lines.join('')}${indent}}`;
}

const WIDTH = 80;

function inOneLine(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${memberName(name)}: ${inOneLine(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** A text in single quotes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

const NAME = /^[A-Za-z_$][\w$]*$/;

function memberName(name: string): string {
  // A bare __proto__ would set the prototype.
  return NAME.test(name) && name !== '__proto__' ? name : quoted(name);
}

/** The accessor for a path within a value: `.items[0].id`. */
export function access(path: readonly (string | number)[]): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return NAME.test(step) ? `.${step}` : `[${quoted(step)}]`;
    })
    .join('');
}
