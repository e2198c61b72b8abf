/**
 * Whether a text is JSON or markup by its beginning, whatever its label: command-line clients label every body
 * without an explicit type as a form.
 */
export function isDocument(text: string): boolean {
  return /^\s{0,16}[{[<]/.test(text);
}

export type FormField = readonly [name: string, value: string];

/**
 * Parses an application/x-www-form-urlencoded body (URL Standard, 5.1) strictly.
 *
 * @returns the decoded fields in order, or undefined if encoding them again would change the body: a field without
 *   `=` or without a name, an escape that is broken or not UTF-8, an unescaped special character, or a document
 */
export function parseFormFields(text: string): FormField[] | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || isDocument(text)) return undefined;
  const fields: FormField[] = [];
  for (const field of text.split('&')) {
    const equals = field.indexOf('=');
    if (equals < 1) return undefined;
    const name = decode(field.slice(0, equals));
    const value = decode(field.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    fields.push([name, value]);
  }
  return fields;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
