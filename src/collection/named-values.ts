import { type Certainty, certaintyOf } from './secret-names.ts';
import { isDistinctive, isSecretValue, isWords, type ValuePlace } from './secret-values.ts';
import { isVariable, RANKS, type Span } from './spans.ts';
import { NAME_STEMS, type Stems } from './stems.ts';
import { copied } from './text.ts';
import {
  type Place,
  type PlacedValue,
  type ValueReader,
  valueReader,
  valuesAfter,
  valuesApart,
} from './value-places.ts';
import { nameFrom } from './variables.ts';

/** Says of names whether they are secret: those that everybody treats so, and those that were asked for. */
export type SecretNames = {
  /** Whether a value may be a secret by its name, and what its variable would be called. */
  judge(name: string): Judgement | undefined;
  /** The names that were asked for, as they may stand in a text; global. */
  readonly asked: RegExp | undefined;
};

export type Judgement = {
  readonly certainty: Certainty | 'asked';
  readonly wanted: string;
};

/** More names than these are judged anew each time. */
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

/** As they are, and as they are written in JSON; the longest first, so that it is not taken for a shorter one. */
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

/** How sure `state` and `code` are those of an OAuth exchange; absent where nothing speaks for it. */
export type Flow = 'certain' | 'likely' | undefined;

/**
 * The span of a named value, if it can be what its name promises.
 *
 * @param value `text` as it is written, `decoded` without escapes where there are any
 * @param flow how sure it is that it is part of an OAuth exchange
 */
export function judgedSpan(
  { certainty, wanted }: Judgement,
  name: string,
  value: Pick<PlacedValue, 'start' | 'text' | 'decoded'>,
  place: ValuePlace,
  flow?: Flow,
): Span | undefined {
  const decoded = value.decoded ?? value.text;
  if (decoded === '') return undefined;
  if (isVariable(value.text)) return spanOf(value, 0, wanted, RANKS.name);
  if (certainty === 'asked') return spanOf(value, 0, wanted, RANKS.name);
  // Where nothing else speaks for an exchange, what a machine drew is still one's state or code, not one of a country.
  const sure = certainty === 'flow' ? (flow ?? 'key') : certainty;
  if (!isSecretValue(decoded, sure, name, place)) return undefined;
  const scheme = SCHEME.exec(value.text);
  if (scheme === null) return spanOf(value, 0, wanted, RANKS.name);
  const [start, word = ''] = scheme;
  const { wanted: named, rank } = schemeName(word);
  return spanOf(value, start.length, named, rank);
}

/** Credentials keep their scheme (RFC 9110, 11.4) also where no header holds them. */
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

/** What credentials of an authentication scheme are called. */
export function schemeName(scheme: string): { wanted: string; rank: number } {
  const isBearer = scheme.toLowerCase() === 'bearer';
  return { wanted: isBearer ? 'bearer_token' : `${nameFrom(scheme)}_auth`, rank: RANKS.scheme };
}

/** A name longer than this is none. */
const NAME_LENGTH = 64;

/** What a text is written in, as far as it changes where values stand and how sure a name makes. */
export type TextKind = { readonly isScript: boolean; readonly isMarkup: boolean };

/**
 * Finds values by the names that they go under, in a text of any kind: JSON, also broken or inside of a string, scripts,
 * XML and HTML, settings, and queries inside of any of these. One reading, whatever the text.
 */
export function namedSpans(text: string, stems: Stems, names: SecretNames, kind: TextKind): Span[] {
  const spans: Span[] = [];
  const read = valueReader(text);
  const isFlowAt = flowIn(text);
  for (const { start, end, judgement } of placesOf(text, stems, names)) {
    const name = text.slice(start, end);
    for (const value of valuesOf(text, { start, end }, kind, read)) {
      if (!isCredible(value, judgement, kind)) continue;
      const at = value.form === 'query' ? 'query' : 'text';
      const isFlow = judgement.certainty === 'flow' && isFlowAt(start);
      const span = judgedSpan(judgement, name, value, at, isFlow ? 'certain' : undefined);
      if (span !== undefined) spans.push(span);
    }
  }
  return spans;
}

type JudgedPlace = Place & { readonly judgement: Judgement };

/** The names in a text that are secret, in order of their kind; one that was asked for may hold any character. */
function* placesOf(
  text: string,
  { names: hits }: Stems,
  names: SecretNames,
): Generator<JudgedPlace> {
  let next = 0;
  for (const at of hits) {
    NAME_STEMS.lastIndex = at;
    if (at < next || !NAME_STEMS.test(text)) continue;
    const start = nameStart(text, at);
    next = nameEnd(text, NAME_STEMS.lastIndex);
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

function nameStart(text: string, from: number): number {
  let start = from;
  while (start > from - NAME_LENGTH && isNameCharacter(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function nameEnd(text: string, from: number): number {
  let end = from;
  while (end < from + NAME_LENGTH && isNameCharacter(text.charCodeAt(end))) end += 1;
  return end;
}

/** Letters, digits, and `_ - . $`. */
function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x24
  );
}

function valuesOf(text: string, place: Place, kind: TextKind, read: ValueReader): PlacedValue[] {
  const values = valuesAfter(text, place, read);
  return values.length > 0 ? values : valuesApart(text, place, kind.isMarkup);
}

/** What is asked of a value besides what its name asks: the less a text is data, the more. */
function isCredible(
  { form, text, decoded = text }: PlacedValue,
  { certainty }: Judgement,
  { isScript }: TextKind,
): boolean {
  if (certainty === 'asked') return form !== 'bare' || !/\s/.test(text);
  switch (form) {
    case 'number':
      return certainty === 'certain' && /^\d{6}\d*$/.test(text);
    case 'bare':
      return /\d/.test(decoded) && isDistinctive(decoded) && !/^[\w$]+[.]\w+/.test(decoded);
    case 'query':
      return true;
    case 'quoted':
      return !isScript || !isWords(decoded);
  }
}

/** Parameters that an OAuth exchange has beside `code` and `state` (RFC 6749, 4.1; OpenID Connect Core, 3.1). */
const FLOW =
  /client_id|redirect_uri|grant_type|response_type|code_verifier|session_state|id_token/g;

/** As far as parameters of one object or query stand from each other. */
const FLOW_DISTANCE = 512;

function flowIn(text: string): (at: number) => boolean {
  let marks: number[] | undefined;
  let next = 0;
  return (at) => {
    marks ??= [...text.matchAll(FLOW)].map(({ index }) => index);
    // Names are asked for in the order in which they stand.
    while (next < marks.length && (marks[next] ?? 0) < at - FLOW_DISTANCE) next += 1;
    for (const mark of marks.slice(next, next + 4)) {
      if (mark > at + FLOW_DISTANCE) return false;
      if (!/[{}<>\n]/.test(text.slice(Math.min(at, mark), Math.max(at, mark)))) return true;
    }
    return false;
  };
}
