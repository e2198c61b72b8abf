// A recording is searched for secrets before it is written, and most of its header lines repeat. All caches here are
// bounded, so that memory does not grow with a recording.

const LINES = 16 * 1024;
const LINE_LENGTH = 256;

/** The result for a header line; `size` is the number of secrets known at that time. */
type Line = { readonly result: string; readonly size: number };

/**
 * Caches the results for header lines, most of which repeat.
 *
 * @param size how many secrets are known: after a new one, a line has to be searched again
 */
export function rememberLines(
  size: () => number,
  read: (name: string, value: string) => string,
): (name: string, value: string) => string {
  const names = new Map<string, Map<string, Line>>();
  let count = 0;
  return (name, value) => {
    if (name.length + value.length > LINE_LENGTH) return read(name, value);
    let lines = names.get(name);
    const remembered = lines?.get(value);
    if (remembered?.size === size()) return remembered.result;
    const result = read(name, value);
    if (count >= LINES) {
      names.clear();
      lines = undefined;
      count = 0;
    }
    if (lines === undefined) {
      lines = new Map();
      names.set(name, lines);
    }
    lines.set(value, { result, size: size() });
    count += 1;
    return result;
  };
}
