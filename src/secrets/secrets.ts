import type { Header } from '../exchange.ts';
import { type Context, contextOf } from './detect/context.ts';
import {
  fieldSpans,
  headerSpans,
  querySpans,
  textSpans,
  urlSpans,
  userinfoSpans,
} from './detect/detector.ts';
import { secretNames } from './detect/named-values.ts';
import { rememberLines } from './remembered-lines.ts';
import { type Found, type KnownSecrets, knownSecrets } from './search/known-secrets.ts';
import { inOrder, isVariable, literalSpans, RANKS, replaceSpans, type Span } from './spans.ts';
import type { VariableNames } from './variables.ts';

/** Puts variables in the place of secret values; the same value gets the same variable everywhere. */
export type Secrets = {
  /** A header line of a request or an answer, its secret values replaced. */
  header(header: Header): Header;
  /** The `user:password` of a URL, replaced. */
  userinfo(value: string): string;
  /** A URL, absolute or not: its userinfo, its query and what else is secret in it. */
  url(url: string): string;
  /** A query, undecoded: secret values are replaced, nothing else changes. */
  query(text: string): string;
  /** JSON text, or what claims to be: values are replaced where they stand. */
  json(text: string): string;
  /**
   * A value that goes under this name, decoded.
   *
   * @param among the names of all fields of the form, which may say what the value is
   */
  field(name: string, value: string, among?: readonly string[]): string;
  /** A text of any kind; `essence` is its media type in lower case, where one is known. */
  text(text: string, essence?: string): string;
  /** Whether there is a secret in a value that goes under this name; no variable is made for it. */
  isIn(name: string, value: string): boolean;
  /** The variables that stand for secrets so far, in the order in which they were needed. */
  readonly variables: readonly string[];
  /** False where secrets are kept, so that nothing is ever replaced. */
  readonly active: boolean;
  /**
   * The same for a text that was read before: it is not searched again, unless it is another after all. What was found
   * elsewhere is replaced there as well.
   */
  readAgain(reading: Reading): PartSecrets;
  /**
   * The same for one of several outputs: what is known of secrets and the names of their variables are shared,
   * `variables` and `onSecret` are the output's own.
   */
  forOutput(output: OutputSecrets): Secrets;
  /** The same, but replaces nothing: what it is shown is known from then on, wherever it stands. */
  readonly learning: Omit<
    Secrets,
    'isIn' | 'variables' | 'active' | 'readAgain' | 'forOutput' | 'learning'
  > & {
    /** What came of the text that it was shown last. */
    readonly last: Reading;
  };
};

/** What replaces secrets in a part of an exchange that is one text: its URL, or the body of a message. */
export type PartSecrets = Pick<Secrets, 'url' | 'text' | 'field'>;

/** What a search has found in a text of this length, in order. */
export type Reading = { readonly length: number; readonly spans: readonly Span[] };

export type SecretsOptions = {
  /** `keep` leaves every value as it is. */
  readonly mode: 'redact' | 'env' | 'keep';
  readonly names: VariableNames;
  /** Further names of headers, query and form fields and JSON keys whose values are secret. */
  readonly redact?: readonly string[] | undefined;
  /** What a person wrote: variables stand beside literal parts in one value, and only those are secret. */
  readonly written?: boolean;
} & OutputSecrets;

/** What an output wants to know, and knows, of secrets. */
export type OutputSecrets = {
  /** The variable that stands for a value already; it is filled elsewhere and not told of. */
  readonly variableFor?: ((value: string) => string | undefined) | undefined;
  /** Told once for each secret value that was replaced. */
  readonly onSecret?: ((variable: string, value: string) => void) | undefined;
};

/** What becomes of a text in which secrets were found. */
type Treatment = (text: string, spans: readonly Span[]) => string;

/** Starts with no secret known. */
export function createSecrets(options: SecretsOptions): Secrets {
  if (options.mode === 'keep') return keptSecrets();
  return outputSecrets(knownSecrets(options.names), reader(options.redact ?? []), options);
}

function outputSecrets(known: KnownSecrets, read: Reader, options: SecretsOptions): Secrets {
  const variables: string[] = [];
  const named = new Set<string>();
  const note = (name: string) => {
    named.add(name);
    variables.push(name);
  };
  const { variableFor, onSecret } = options;
  const variable = (value: string, found: Found): string => {
    const filled = variableFor?.(value);
    if (filled !== undefined) return `{{${filled}}}`;
    const name = known.nameFor(value, found);
    if (!named.has(name)) {
      note(name);
      onSecret?.(name, value);
    }
    return `{{${name}}}`;
  };
  /** A variable that was there already stays and is one of those to be filled in. */
  const declared = (value: string) => {
    const name = /^\{\{([A-Za-z_]\w*)\}\}$/.exec(value)?.[1];
    if (name !== undefined && !named.has(name)) note(name);
    return value;
  };
  let last = NOTHING_READ;
  const learn: Treatment = (text, spans) => {
    last = { length: text.length, spans };
    for (const span of spans) {
      const value = text.slice(span.start, span.end);
      if (isVariable(value)) continue;
      known.learn(value, span);
      for (const held of span.holds ?? []) {
        known.learn(held, { wanted: `${span.wanted}_part`, rank: RANKS.part });
      }
    }
    return text;
  };
  const replace: Treatment = (text, spans) => {
    // What has just been found may stand in the same text again.
    if (spans.length > 0) learn(text, spans);
    const again = known.find(text);
    const all = again.length === 0 ? spans : inOrder([...spans, ...again]);
    return replaceSpans(text, all, (value, span: Found) =>
      isVariable(value) ? declared(value) : variable(value, span),
    );
  };
  const parted = (treat: Treatment): Treatment =>
    options.written
      ? (text, spans) =>
          treat(
            text,
            spans.flatMap((span) => literalSpans(text, span)),
          )
      : treat;
  const anew = places(parted(replace), read, () => known.size);
  const isReading = (text: string, { length, spans }: Reading) =>
    text.length === length && spans.every(({ start, end }) => known.has(text.slice(start, end)));
  return {
    ...anew,
    isIn(name, value) {
      const spans = read.field(name, value, contextOf([]));
      const isFound = spans
        .flatMap((span) => literalSpans(value, span))
        .some(({ start, end }) => {
          return !isVariable(value.slice(start, end));
        });
      return isFound || known.has(value) || known.find(value).length > 0;
    },
    variables,
    active: true,
    forOutput: (output) => outputSecrets(known, read, { ...options, ...output }),
    readAgain(reading) {
      const again = (text: string, search: (text: string) => string) =>
        isReading(text, reading) ? replace(text, reading.spans) : search(text);
      return {
        url: (url) => again(url, anew.url),
        text: (text, essence) => again(text, () => anew.text(text, essence)),
        field: anew.field,
      };
    },
    learning: {
      // To learn a line once is enough, whatever else is known.
      ...places(parted(learn), read, () => 0),
      get last() {
        return last;
      },
    },
  };
}

function keptSecrets(): Secrets {
  const kept: Secrets = {
    ...untouched,
    isIn: () => false,
    variables: [],
    active: false,
    readAgain: () => untouched,
    forOutput: () => kept,
    learning: { ...untouched, last: NOTHING_READ },
  };
  return kept;
}

const NOTHING_READ: Reading = { length: 0, spans: [] };

/** Finds the spans of each kind of place, in order. */
type Reader = ReturnType<typeof reader>;

function reader(redact: readonly string[]) {
  const names = secretNames(redact);
  return {
    header: (name: string, value: string) => inOrder(headerSpans(name, value, names)),
    userinfo: (value: string) => inOrder(userinfoSpans(value)),
    url: (value: string) => inOrder(urlSpans(value, names)),
    query: (value: string) => inOrder(querySpans(value, '', names)),
    field: (name: string, value: string, context: Context) =>
      inOrder(fieldSpans(name, value, context, names)),
    text: (value: string, essence: string | undefined) => inOrder(textSpans(value, essence, names)),
  };
}

function places(treat: Treatment, read: Reader, size: () => number) {
  const line = rememberLines(size, (name, value) => treat(value, read.header(name, value)));
  const text = (value: string, essence?: string) => treat(value, read.text(value, essence));
  const contextAmong = contextOfForms();
  return {
    header: (header: Header): Header => {
      const [name, value] = header;
      const written = line(name, value);
      return written === value ? header : [name, written];
    },
    userinfo: (value: string) => treat(value, read.userinfo(value)),
    url: (value: string) => treat(value, read.url(value)),
    query: (value: string) => treat(value, read.query(value)),
    json: (value: string) => text(value, 'application/json'),
    field: (name: string, value: string, among: readonly string[] = []) =>
      treat(value, read.field(name, value, contextAmong(among))),
    text,
  };
}

/** Each field of a form comes with the names of all: they are looked through once, not once for each field. */
function contextOfForms(): (names: readonly string[]) => Context {
  let last: readonly string[] = [];
  let context: Context;
  return (names) => {
    if (names !== last) {
      context = contextOf(names);
      last = names;
    }
    return context;
  };
}

const same = (text: string) => text;

const untouched = {
  header: (header: Header) => header,
  userinfo: same,
  url: same,
  query: same,
  json: same,
  field: (_name: string, value: string) => value,
  text: same,
};
