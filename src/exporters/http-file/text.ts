/**
 * Whether text is safe in a file of requests for REST Client, the HTTP Client of JetBrains and httpyac: all three replace
 * `{{name}}`, httpyac even evaluates it and its result as JavaScript, and no escape for such braces works in all three.
 * So recorded braces must not be written there.
 *
 * @param isVariable whether a name is one of pmproxy's variables
 */
export function isFreeOfBraces(text: string, isVariable: (name: string) => boolean): boolean {
  const parts = splitAtVariables(text, isVariable);
  return parts.every((part, index) => {
    if (index % 2 === 1) return true;
    const beforeVariable = index < parts.length - 1;
    return !/\{\{|\\\{\\\{/.test(part) && !(beforeVariable && part.endsWith('{'));
  });
}

/** Splits text into alternating data and variable names, data first and last. */
export function splitAtVariables(text: string, isVariable: (name: string) => boolean): string[] {
  const parts = [''];
  for (const [index, part] of text.split(/\{\{(\w+)\}\}/).entries()) {
    if (index % 2 === 1 && isVariable(part)) parts.push(part, '');
    else parts[parts.length - 1] += index % 2 === 1 ? `{{${part}}}` : part;
  }
  return parts;
}

// One of the three programs may read any other line as a comment, a separator, a variable, a file to read or write, a
// script, a check or the first line of a request or a response.
const PLAIN_START = /^\s*(?:[{}[\]",\d-]|<[A-Za-z/!?]|(?![A-Z-]{2,}\s|HTTP\/)[\p{L}_]|$)/u;

/** The separators of messages in httpyac. */
const STREAMED = /={3}(?:\s*wait-for-server)?\s*$|<--->/;

/** Control and format characters other than line feed and tab: invisible, or changed by an editor. */
const HIDDEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/u;

/** Whether every program sends these lines unchanged in a request's body. */
export function canStandInBody(text: string): boolean {
  if (HIDDEN.test(text) || text.trim() !== text) return false;
  return text.split('\n').every((line) => PLAIN_START.test(line) && !STREAMED.test(line));
}

/** Joins text into one line without hidden characters. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
