/** The conditions of the filter box. All of them must hold. */
export type TextFilter = {
  /** Patterns that the URL must match. */
  readonly wanted: readonly RegExp[];
  /** Patterns that it must not match. */
  readonly unwanted: readonly RegExp[];
  /** Why a term is not valid. That term is ignored. */
  readonly fault?: string;
};

/** A term in quotes or between slashes may contain spaces. A leading `-` negates it. */
const TERM = /(-?)(?:\/((?:[^/\\\s]|\\.)(?:[^/\\]|\\.)*)\/(?=\s|$)|"([^"]*)"|(\S+))/gu;

/**
 * Parses the text of the filter box: words that the URL must contain, `-word` that it must not, `/regex/` and `-/regex/`,
 * `"two words"`. Case is ignored.
 */
export function parseFilterText(text: string): TextFilter {
  const wanted: RegExp[] = [];
  const unwanted: RegExp[] = [];
  let fault: string | undefined;
  for (const [, minus, regex, quoted, word] of text.matchAll(TERM)) {
    const source = regex ?? escaped(quoted ?? word ?? '');
    // A lone `-` is the beginning of a term that is still being typed.
    if (source === '' || (word === '-' && minus === '')) continue;
    try {
      (minus === '-' ? unwanted : wanted).push(new RegExp(source, 'i'));
    } catch {
      fault = `/${source}/ is not a regular expression`;
    }
  }
  return { wanted, unwanted, ...(fault !== undefined && { fault }) };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
