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

/** Replaces secret values by variables; the same value gets the same variable everywhere. */
export type Secrets = {
  /** Replaces the secret values of a header line of a request or a response. */
  header(header: Header): Header;
  /** Replaces the `user:password` of a URL. */
  userinfo(value: string): string;
  /** Replaces the secrets of a URL, absolute or not: in its userinfo, its query and elsewhere. */
  url(url: string): string;
  /** Replaces the secret values of an undecoded query; nothing else changes. */
  query(text: string): string;
  /** Replaces values in JSON text, which may be invalid. */
  json(text: string): string;
  /**
   * Replaces the secrets of a decoded value with this name.
   *
   * @param among the names of all fields of the form, which may identify the value
   */
  field(name: string, value: string, among?: readonly string[]): string;
  /** Replaces the secrets of any text; `essence` is its media type in lower case, if known. */
  text(text: string, essence?: string): string;
  /** Returns whether a value with this name contains a secret, without creating a variable for it. */
  isIn(name: string, value: string): boolean;
  /** The variables created for secrets so far, in order of first use. */
  readonly variables: readonly string[];
  /** False if secrets are kept and nothing is ever replaced. */
  readonly active: boolean;
  /**
   * Returns a replacer for a text that was read before. The text is only searched again if it has changed. Secrets found
   * elsewhere are also replaced in it.
   */
  readAgain(reading: Reading): PartSecrets;
  /**
   * Returns a replacer for one of several outputs. Known secrets and variable names are shared; `variables` and
   * `onSecret` belong to the output.
   */
  forOutput(output: OutputSecrets): Secrets;
  /** Returns a learner: it replaces nothing, and every secret passed to it is known everywhere from then on. */
  readonly learning: Omit<
    Secrets,
    'isIn' | 'variables' | 'active' | 'readAgain' | 'forOutput' | 'learning'
  > & {
    /** The result for the text that it read last. */
    readonly last: Reading;
  };
};

/** Replaces secrets in a part of an exchange that is one text: its URL, or the body of a message. */
export type PartSecrets = Pick<Secrets, 'url' | 'text' | 'field'>;

/** The results of a search in a text of this length, in order. */
export type Reading = { readonly length: number; readonly spans: readonly Span[] };

export type SecretsOptions = {
  /** `keep` leaves every value as it is. */
  readonly mode: 'redact' | 'env' | 'keep';
  readonly names: VariableNames;
  /** Further names of headers, query and form fields and JSON keys whose values are secret. */
  readonly redact?: readonly string[] | undefined;
  /** The text was written by a person: a value may mix variables and literal parts, and only the literal parts are secret. */
  readonly written?: boolean;
} & OutputSecrets;

/** The callbacks by which an output follows secrets. */
export type OutputSecrets = {
  /** Returns the existing variable for a value; it is filled elsewhere and not reported. */
  readonly variableFor?: ((value: string) => string | undefined) | undefined;
  /** Called once for each secret value that was replaced. */
  readonly onSecret?: ((variable: string, value: string) => void) | undefined;
};

/** Handles a text in which secrets were found. */
type Treatment = (text: string, spans: readonly Span[]) => string;

/** Creates a replacer that knows no secrets yet. */
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
  /** A variable already in the text stays and is one of the variables to fill in. */
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
    // A secret that was just found may occur again in the same text.
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
      // A line only has to be learned once, regardless of other known secrets.
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

/** Each field of a form is passed with the names of all fields; the names are searched once, not once for each field. */
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
