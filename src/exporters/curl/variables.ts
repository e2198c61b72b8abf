import type { Variable } from '../../collection.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';
import { type Piece, shellWord } from './shell.ts';

const NAME = /\{\{([^{}]+)\}\}/;
const NAMES = /\{\{([^{}]+)\}\}/g;

/** Names with a meaning in shells or curl, which must not be read or changed. */
const TAKEN =
  /^(?:[A-Z_]*PATH|HOME|PWD|OLDPWD|IFS|ENV|PS\d|SHELL|USER|LOGNAME|LANG|LC_\w+|TERM|TMPDIR|UID|(?:all|https?|ftp|no)_proxy)$/;

/** Runners' dynamic variables as shell expressions, as far as every shell supports them. */
const DYNAMIC: Readonly<Record<string, string>> = {
  $guid: '$(uuidgen)',
  $randomUUID: '$(uuidgen)',
  $timestamp: '$(date +%s)',
  $isoTimestamp: '$(date -u +%Y-%m-%dT%H:%M:%SZ)',
};

/** The variables of a collection as shell variables. */
export type ShellVariables = {
  /** Replaces `{{name}}` in a text by shell variables; data is Latin-1 text of its UTF-8 bytes. */
  pieces(text: string): Piece[];
  /** The same for recorded data, as Latin-1 text: only the names that `isVariable` accepts are variables. */
  recorded(data: string, isVariable: (name: string) => boolean): Piece[];
  /** The variable of a recorded host: `BASE_URL` for `baseUrl`. */
  host(name: string): Piece;
  /** Lines that assign values to the variables used, and lines that stop the script if the others are not set. */
  lines(variables: readonly Variable[]): {
    readonly given: readonly string[];
    readonly missing: readonly string[];
  };
};

/** Starts with no variables used. */
export function shellVariables(): ShellVariables {
  const names = new Map<string, string>();
  const used = new Set<string>();
  const nameOf = (name: string, wanted = name): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const word = wanted
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

  const recorded = (data: string, isVariable: (name: string) => boolean): Piece[] =>
    data.split(/\{\{(\w+)\}\}/).map((part, at) => {
      if (at % 2 === 0) return part;
      return isVariable(part) ? { variable: nameOf(part), required: true } : `{{${part}}}`;
    });
  const host = (name: string): Piece => ({
    variable: nameOf(name, name === 'baseUrl' ? 'BASE_URL' : `${name.toUpperCase()}_URL`),
  });

  function lines(variables: readonly Variable[]) {
    const values = new Map(enabled(variables).map(({ key, value }) => [key, textOf(value)]));
    const given: string[] = [];
    const missing: string[] = [];
    const met = new Set<string>();
    /** Defines the variables in a value before it; a variable that contains itself gets no value. */
    const define = (name: string): void => {
      if (met.has(name)) return;
      met.add(name);
      const value = values.get(name) ?? '';
      for (const [, inner = ''] of value.matchAll(NAMES)) define(inner.trim());
      const variable = nameOf(name);
      const usual = DYNAMIC[name] ?? (value === '' ? undefined : defaultValue(pieces(value)));
      if (usual !== undefined) given.push(`${variable}=\${${variable}:-${usual}}`);
      else {
        const shownAs = variable === name ? '' : `is {{${shown(name)}}} and `;
        missing.push(`: "\${${variable}:?${shownAs}must be set}"`);
      }
    };
    for (const name of [...names.keys()]) define(name);
    return { given, missing };
  }
  return { pieces, recorded, host, lines };
}

function defaultValue(pieces: readonly Piece[]): string {
  const [text = '', another] = pieces;
  const isPlain = another === undefined && typeof text === 'string' && PLAIN.test(text);
  return isPlain ? text : shellWord(pieces);
}

/** Text without special characters for a shell: a host, a number. */
const PLAIN = /^[\w.:/[\]-]+$/;

/** A name in double quotes. */
function shown(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}"$`\\!}]/gu, '\ufffd');
}
