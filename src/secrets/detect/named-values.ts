import { copied } from '../../http/body-text.ts';
import { isVariable, RANKS, type Span } from '../spans.ts';
import { nameFrom } from '../variables.ts';
import { type Context, contextIn } from './context.ts';
import { isNameCharacter, NAME_LENGTH, nameEnd, nameStart } from './name-ends.ts';
import { certaintyOf } from './names.ts';
import { type Candidates, NAME_START } from './prefilter.ts';
import {
  type Place,
  type PlacedValue,
  type ValueReader,
  valueReader,
  valuesAfter,
  valuesApart,
} from './value-ends.ts';
import { isDistinctive, isSecretValue, isWords, type ValuePlace } from './values.ts';
import type { Certainty } from './words.ts';

/** Classifies names as secret: the commonly secret names, and the names that the user added. */
export type SecretNames = {
  /** Whether a value may be a secret by its name, and the name for its variable. */
  judge(name: string): Judgement | undefined;
  /** A global expression for the added names, in the forms in which a text may contain them. */
  readonly asked: RegExp | undefined;
};

export type Judgement = {
  readonly certainty: Certainty | 'asked';
  readonly wanted: string;
};

/** The maximum number of cached names; others are classified each time. */
const JUDGED = 4096;

/** @param asked further names, in any case */
export function secretNames(asked: readonly string[]): SecretNames {
  const wanted = new Set(asked.map((name) => name.toLowerCase()));
  const judged = new Map<string, Judgement | undefined>();
  const judge = (name: string): Judgement | undefined => {
    if (wanted.has(name.toLowerCase())) return { certainty: 'asked', wanted: wordsFor(name) };
    const certainty = certaintyOf(name);
    return certainty && { certainty, wanted: wordsFor(name) };
  };
  return {
    asked: asked.length === 0 ? undefined : literals(asked),
    judge(name) {
      const known = judged.get(name);
      if (known !== undefined || judged.has(name)) return known;
      const judgement = judge(name);
      if (judged.size < JUDGED && name.length <= NAME_LENGTH) judged.set(copied(name), judgement);
      return judgement;
    },
  };
}

/** The names, literal and as written in JSON; the longest first, so that a shorter one does not match instead. */
function literals(names: readonly string[]): RegExp {
  const written = names.flatMap((name) => [name, JSON.stringify(name).slice(1, -1)]);
  const longestFirst = [...new Set(written)].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'gi');
}

/** `X-Api-Key` is an `api_key`. */
function wordsFor(name: string): string {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return nameFrom(spaced.replace(/^x[-_]/i, '')) || 'secret';
}

/**
 * Returns the span of a named value if its form matches its name.
 *
 * @param value `text` as written, `decoded` without escapes if there are any
 * @param context the values beside it
 */
export function judgedSpan(
  { certainty, wanted }: Judgement,
  name: string,
  value: Pick<PlacedValue, 'start' | 'text' | 'decoded'>,
  place: ValuePlace,
  { flow, hasAccount }: Context = {},
): Span | undefined {
  const decoded = value.decoded ?? value.text;
  if (decoded === '') return undefined;
  if (isVariable(value.text)) return spanOf(value, 0, wanted, RANKS.name);
  if (certainty === 'asked') return spanOf(value, 0, wanted, RANKS.name);
  // Without other evidence of an exchange, a random value is still its state or code, not that of a country.
  const sure = certainty === 'flow' ? (flow ?? 'key') : certainty;
  if (sure === 'pin' && hasAccount !== true && place !== 'header') return undefined;
  if (!isSecretValue(decoded, sure, name, place)) return undefined;
  const scheme = SCHEME.exec(value.text);
  if (scheme === null) return spanOf(value, 0, wanted, RANKS.name);
  const [start, word = ''] = scheme;
  const { wanted: named, rank } = schemeName(word);
  return spanOf(value, start.length, named, rank);
}

/** Credentials keep their scheme (RFC 9110, 11.4) outside of headers, too. */
const SCHEME = /^(bearer|basic|digest|negotiate|token|apikey)[ ]+(?=\S)/i;

function spanOf(
  { start, text, decoded }: Pick<PlacedValue, 'start' | 'text' | 'decoded'>,
  skipped: number,
  wanted: string,
  rank: number,
): Span {
  return {
    start: start + skipped,
    end: start + text.length,
    wanted,
    rank,
    ...(decoded === undefined ? {} : { decoded: decoded.slice(skipped) }),
  };
}

/** The names for credentials of an authentication scheme. */
export function schemeName(scheme: string): { wanted: string; rank: number } {
  const isBearer = scheme.toLowerCase() === 'bearer';
  return { wanted: isBearer ? 'bearer_token' : `${nameFrom(scheme)}_auth`, rank: RANKS.scheme };
}

/** The language of a text, as far as it affects where values are and how strongly a name suggests a secret. */
export type TextKind = { readonly isScript: boolean; readonly isMarkup: boolean };

/**
 * Finds values by their names in any text: JSON (also malformed or inside a string), scripts, XML and HTML, settings, and
 * queries inside any of these. Every text is read in one pass.
 */
export function namedSpans(
  text: string,
  candidates: Candidates,
  names: SecretNames,
  kind: TextKind,
): Span[] {
  const spans: Span[] = [];
  const read = valueReader(text);
  const context = contextIn(text);
  for (const { start, end, judgement } of placesOf(text, candidates, names)) {
    const name = text.slice(start, end);
    for (const value of valuesOf(text, { start, end }, kind, read)) {
      if (!isCredible(value, judgement, kind)) continue;
      const at = value.form === 'query' ? 'query' : 'text';
      const span = judgedSpan(judgement, name, value, at, context(judgement.certainty, start));
      if (span !== undefined) spans.push(span);
    }
  }
  return spans;
}

type JudgedPlace = Place & { readonly judgement: Judgement };

/** The secret names in a text, in order of their kind; an added name may contain any character. */
function* placesOf(
  text: string,
  { names: hits }: Candidates,
  names: SecretNames,
): Generator<JudgedPlace> {
  let next = 0;
  for (const at of hits) {
    NAME_START.lastIndex = at;
    if (at < next || !NAME_START.test(text)) continue;
    const start = nameStart(text, at);
    next = nameEnd(text, NAME_START.lastIndex);
    const judgement = names.judge(text.slice(start, next));
    if (judgement !== undefined) yield { start, end: next, judgement };
  }
  for (const { 0: found, index } of names.asked === undefined ? [] : text.matchAll(names.asked)) {
    const end = index + found.length;
    const isPart =
      isNameCharacter(text.charCodeAt(index - 1)) || isNameCharacter(text.charCodeAt(end));
    const judgement = isPart ? undefined : names.judge(unescapedName(found));
    if (judgement?.certainty === 'asked') yield { start: index, end, judgement };
  }
}

function unescapedName(name: string): string {
  if (!name.includes('\\')) return name;
  try {
    const parsed: unknown = JSON.parse(`"${name}"`);
    return String(parsed);
  } catch {
    return name;
  }
}

function valuesOf(text: string, place: Place, kind: TextKind, read: ValueReader): PlacedValue[] {
  const values = valuesAfter(text, place, read);
  return values.length > 0 ? values : valuesApart(text, place, kind.isMarkup);
}

/** Further requirements for a value besides those of its name: the less structured the text, the stricter. */
function isCredible(
  { form, text, decoded = text }: PlacedValue,
  { certainty }: Judgement,
  { isScript }: TextKind,
): boolean {
  if (certainty === 'asked') return form !== 'bare' || !/\s/.test(text);
  switch (form) {
    case 'number':
      return isCode(text, certainty) || (certainty === 'certain' && /^\d{6}\d*$/.test(text));
    case 'argument':
      return isCode(text, certainty);
    case 'bare':
      if (isCode(text, certainty)) return true;
      return /\d/.test(decoded) && isDistinctive(decoded) && !/^[\w$]+[.]\w+/.test(decoded);
    case 'query':
      return true;
    case 'quoted':
      return !isScript || !isWords(decoded);
  }
}

/** Passwords and codes that consist of digits only, as numbers. */
function isCode(text: string, certainty: Judgement['certainty']): boolean {
  return /^(?:password|digits|pin)$/.test(certainty) && /^\d{3,12}$/.test(text);
}
