import type { Variable } from '../../collection.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';
import { type Piece, shellWord } from './shell.ts';

const NAME = /\{\{([^{}]+)\}\}/;
const NAMES = /\{\{([^{}]+)\}\}/g;

/** Names that mean something to every shell or to curl, and must not be read or changed. */
const TAKEN =
  /^(?:[A-Z_]*PATH|HOME|PWD|OLDPWD|IFS|ENV|PS\d|SHELL|USER|LOGNAME|LANG|LC_\w+|TERM|TMPDIR|UID|(?:all|https?|ftp|no)_proxy)$/;

/** What the dynamic variables of runners stand for, as far as every shell can tell. */
const DYNAMIC: Readonly<Record<string, string>> = {
  $guid: '$(uuidgen)',
  $randomUUID: '$(uuidgen)',
  $timestamp: '$(date +%s)',
  $isoTimestamp: '$(date -u +%Y-%m-%dT%H:%M:%SZ)',
};

/** The variables of a collection as those of a shell. */
export type ShellVariables = {
  /** A text with shell variables in the place of `{{name}}`; data as Latin-1 text of its UTF-8 bytes. */
  pieces(text: string): Piece[];
  /** Lines that give those variables that were met their values, and name the others. */
  lines(variables: readonly Variable[]): string[];
};

/** Starts with no variable met. */
export function shellVariables(): ShellVariables {
  const names = new Map<string, string>();
  const used = new Set<string>();
  const nameOf = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const word = name
      .replace(/^\$/, '')
      .replace(/\W/g, '_')
      .replace(/^(?=\d|$)/, '_');
    let free = TAKEN.test(word) ? `${word}_value` : word;
    while (used.has(free)) free = `${free}_`;
    used.add(free);
    names.set(name, free);
    return free;
  };
  const pieces = (text: string): Piece[] =>
    text.split(NAME).map((part, at) => {
      if (at % 2 === 1) return { variable: nameOf(part.trim()), required: true };
      return Buffer.from(part).toString('latin1');
    });

  function lines(variables: readonly Variable[]): string[] {
    const values = new Map(enabled(variables).map(({ key, value }) => [key, textOf(value)]));
    const written = new Map<string, string>();
    /** What a value is made of comes before it; one that is made of itself has none. */
    const define = (name: string, around: ReadonlySet<string>): void => {
      if (written.has(name) || around.has(name)) return;
      const value = values.get(name) ?? '';
      const inside = new Set([...around, name]);
      for (const [, inner = ''] of value.matchAll(NAMES)) define(inner.trim(), inside);
      const variable = nameOf(name);
      const given = DYNAMIC[name] ?? (value === '' ? undefined : shellWord(pieces(value)));
      written.set(
        name,
        given === undefined
          ? `# ${variable}${variable === name ? '' : ` is {{${oneLine(name)}}}. It`} has to be set before.`
          : `${variable}=\${${variable}:-${given}}`,
      );
    };
    for (const name of [...names.keys()]) define(name, new Set());
    return [...written.values()];
  }
  return { pieces, lines };
}

function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
