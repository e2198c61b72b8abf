// Texts made after a regular expression: what it looks for, once, in each of its ways.

/** More of one regular expression tell nothing new. */
const MOST_SAMPLES = 8;

/** What has to come more often than this comes so often. */
const MOST_TIMES = 32;

/** The characters that a class is shown by, the first that it has; then one that is unlike it. */
const CHARACTERS = [
  ...'a0 -A%_./:',
  ...Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)),
];

/**
 * Some short texts that a regular expression matches, or nearly: assertions and references to groups are left out, and
 * each alternative and each optional part is in some sample.
 */
export function samplesOf({ source, flags }: RegExp): string[] {
  let at = 0;
  const unicode = flags.replace(/[^uv]/g, '');

  function alternatives(): string[] {
    const all = [sequence()];
    while (source[at] === '|') {
      at += 1;
      all.push(sequence());
    }
    return fewOf(all);
  }

  function sequence(): string[] {
    const parts: string[][] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(quantified());
    const usual = parts.map(([first = '']) => first);
    const others = parts.map((samples, index) =>
      samples.slice(1).map((sample) => usual.with(index, sample).join('')),
    );
    return [usual.join(''), ...fewOf(others)].slice(0, MOST_SAMPLES);
  }

  function quantified(): string[] {
    const samples = atom();
    const [found = '', least] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at)) ?? [];
    at += found.length;
    const times = Math.min(MOST_TIMES, Math.max(1, Number(least ?? 1)));
    const repeated = samples.map((sample) => sample.repeat(times));
    return /^[*?]/.test(found) || least === '0' ? [...repeated, ''] : repeated;
  }

  function atom(): string[] {
    if (source[at] === '(') return group();
    const rest = source.slice(at);
    const [text = ''] =
      /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\k<\w+>|\\u\{[^}]*\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\.|.)/is.exec(
        rest,
      ) ?? [];
    at += text.length;
    return /^(?:[$^]|\\[bB1-9]|\\k)/.test(text) ? [''] : charactersIn(text, unicode);
  }

  function group(): string[] {
    const [opening = ''] = /^\((?:\?(?:<?[=!]|<\w+>|[a-z-]*:))?/.exec(source.slice(at)) ?? [];
    at += opening.length;
    const samples = alternatives();
    at += 1;
    return /[=!]$/.test(opening) ? [''] : samples;
  }
  return [...new Set(alternatives())];
}

/** From each list in turn. */
function fewOf(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const all = Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list[index] ?? []),
  );
  return all.flat().slice(0, 4 * MOST_SAMPLES);
}

function charactersIn(text: string, flags: string): string[] {
  const one = new RegExp(`^(?:${text})$`, flags);
  const found = CHARACTERS.filter((character) => one.test(character));
  const far = String.fromCodePoint(Number.parseInt(/[\da-f]{4,}/i.exec(text)?.[0] ?? '61', 16));
  return text.startsWith('[') ? [found[0] ?? far, ...found.slice(-1)] : [found[0] ?? far];
}
