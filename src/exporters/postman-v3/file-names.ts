/** What no file name may hold on the systems that Postman runs on; a run of these becomes a dash. */
const FORBIDDEN = /[/\\:*?"<>|\x00-\x1f]+/g;

/** File systems give a name 255 bytes; the longest ending and a number have to fit in. */
const LONGEST = 255 - '.request.yaml'.length;
const NUMBER_ROOM = 8;

/** Gives out names for the files of one folder, no two of which differ in case alone. */
export type FileNames = {
  /** A file name for what is called `name`, a number added where it is taken; `fallback` where nothing is left of it. */
  claim(name: string, fallback: string): string;
};

/**
 * Names files as Postman's own migration names them, so that both write the same collection to the same files.
 *
 * @param taken names that are there already
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
  // A character that was cut through is left out.
  return new TextDecoder().decode(bytes, { stream: true }).trim();
}
