/** The place of the fault that V8's JSON.parse reports; undefined if the text ends too early. */
export function faultPosition(message: string): number | undefined {
  const [, digits] = /position (\d+)/.exec(message) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The fault that V8's JSON.parse reports, without its place and the text there, which may be a secret. */
export function faultIn(message: string): string {
  if (message.endsWith(' is not valid JSON')) {
    const quote = message.search(/(?:,? ?\.\.\.|, | )?"/);
    return quote < 0 ? message : message.slice(0, quote);
  }
  const position = message.search(/(?: in JSON)? at position/);
  return position < 0 ? message : message.slice(0, position);
}

/** The words for a value of the wrong type: `must be an array, not a number`. */
export function typeFault(wanted: string, found: string): string {
  return `must be ${withArticle(wanted)}, not ${withArticle(found)}`;
}

function withArticle(type: string): string {
  if (type === 'null' || type === 'undefined') return type;
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
