/**
 * Says whether text can stand in a file of requests as REST Client, the HTTP Client of JetBrains and httpyac read it:
 * all three put values in the place of `{{name}}`, httpyac even what JavaScript says of it and of what comes out, and
 * there is no way to write such braces that all three know. So braces of the recording must not get there.
 *
 * @param isVariable says which names are variables of ours
 */
export function isFreeOfBraces(text: string, isVariable: (name: string) => boolean): boolean {
  const parts = splitAtVariables(text, isVariable);
  return parts.every((part, index) => {
    if (index % 2 === 1) return true;
    const beforeVariable = index < parts.length - 1;
    return !/\{\{|\\\{\\\{/.test(part) && !(beforeVariable && part.endsWith('{'));
  });
}

/** Data and names of variables in turn, data first and last. */
export function splitAtVariables(text: string, isVariable: (name: string) => boolean): string[] {
  const parts = [''];
  for (const [index, part] of text.split(/\{\{(\w+)\}\}/).entries()) {
    if (index % 2 === 1 && isVariable(part)) parts.push(part, '');
    else parts[parts.length - 1] += index % 2 === 1 ? `{{${part}}}` : part;
  }
  return parts;
}

// A line that begins in another way may be a comment, a separator, a variable, a file to be read or written, a script, a
// check or the first line of a request or an answer, to one of the three programs or to all.
const PLAIN_START = /^\s*(?:[{}[\]",\d-]|<[A-Za-z/!?]|(?![A-Z-]{2,}\s|HTTP\/)[\p{L}_]|$)/u;

/** What httpyac takes for the end of one message and the beginning of another. */
const STREAMED = /={3}(?:\s*wait-for-server)?\s*$|<--->/;

/** Control and format characters other than line feed and tab: invisible, or changed by an editor. */
const HIDDEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/u;

/** Whether these lines can stand in a request's body so that every program sends them as they are. */
export function canStandInBody(text: string): boolean {
  if (HIDDEN.test(text) || text.trim() !== text) return false;
  return text.split('\n').every((line) => PLAIN_START.test(line) && !STREAMED.test(line));
}

/** One line in which nothing hides. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
