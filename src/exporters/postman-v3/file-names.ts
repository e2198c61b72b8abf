/** Characters forbidden in file names on Postman's platforms; a run of these becomes a dash. */
const FORBIDDEN = /[/\\:*?"<>|\x00-\x1f]+/g;

/** File systems limit names to 255 bytes, including the longest ending and a number. */
const LONGEST = 255 - '.request.yaml'.length;
const NUMBER_ROOM = 8;

/** Assigns names to the files of one folder; no two differ only in case. */
export type FileNames = {
  /** Returns a file name for `name`, with a number if it is taken; uses `fallback` if no characters remain. */
  claim(name: string, fallback: string): string;
};

/**
 * Names files as Postman's own migration does, so that both write a collection to the same files.
 *
 * @param taken existing names
 */
export function fileNames(taken: Iterable<string> = []): FileNames {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  const next = new Map<string, number>();
  return {
    claim(name, fallback) {
      const wanted = shortened(name.replace(FORBIDDEN, '-').trim() || fallback);
      const key = wanted.toLowerCase();
      let number = next.get(key) ?? 0;
      let free = number === 0 ? wanted : `${wanted} ${number}`;
      while (used.has(free.toLowerCase())) free = `${wanted} ${++number}`;
      next.set(key, number);
      used.add(free.toLowerCase());
      return free;
    },
  };
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST) return name;
  const bytes = Buffer.from(name).subarray(0, LONGEST - NUMBER_ROOM);
  // A truncated character is omitted.
  return new TextDecoder().decode(bytes, { stream: true }).trim();
}
