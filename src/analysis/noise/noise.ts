import { createHash } from 'node:crypto';
import { type Exchange, headerValue, type Recording, responseOf } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { type NoiseKind, noiseOf } from './kinds.ts';

/** A recording without noise, and the counts of what was left out. */
export type Quiet = {
  readonly recording: Recording;
  /** The kinds of noise found, in order of appearance, with the number of exchanges of each. */
  readonly left: ReadonlyMap<NoiseKind, number>;
  /** The noise includes repeated polls with unchanged responses, which the first reading still included. */
  readonly hasPolls: boolean;
};

/** Fewer equal responses than this are not polling: a client may well send a request twice. */
const FEWEST_POLLS = 3;

/**
 * Leaves out noise: preflights, icons, beacons, browsers' own traffic, and repeated polls with unchanged
 * responses. It keeps a few numbers for each exchange.
 *
 * @returns `watched`, to be read once, has no noise except such polls. After that `finish` returns the result; to do so it
 *   reads the responses to possible polls.
 */
export function noiseFilter(recording: Recording): {
  readonly watched: Recording;
  finish(): Promise<Quiet>;
} {
  const kinds: (NoiseKind | undefined)[] = [];
  const askedFor = new Map<string, number[]>();

  function see(exchange: Exchange): NoiseKind | undefined {
    const kind = noiseOf(exchange);
    const place = kinds.push(kind) - 1;
    if (kind !== undefined || !canBePoll(exchange)) return kind;
    const key = pollKey(exchange);
    const places = askedFor.get(key);
    if (places === undefined) askedFor.set(key, [place]);
    else places.push(place);
    return undefined;
  }

  return {
    watched: {
      size: recording.size,
      async *read() {
        for await (const exchange of recording.read())
          if (see(exchange) === undefined) yield exchange;
      },
    },
    async finish() {
      const suspects = [...askedFor.values()].filter(({ length }) => length >= FEWEST_POLLS);
      askedFor.clear();
      const polls = suspects.length === 0 ? [] : await repeatedPolls(recording, suspects);
      for (const place of polls) kinds[place] = 'repeated poll';
      const left = countsOf(kinds);
      return { recording: onlyAt(recording, kinds), left, hasPolls: polls.length > 0 };
    },
  };
}

function countsOf(kinds: readonly (NoiseKind | undefined)[]): Map<NoiseKind, number> {
  const counts = new Map<NoiseKind, number>();
  for (const kind of kinds) if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function onlyAt(recording: Recording, kinds: readonly (NoiseKind | undefined)[]): Recording {
  const kept = kinds.flatMap((kind, place) => (kind === undefined ? [place] : []));
  return {
    size: kept.length,
    read: (places) => recording.read(places === undefined ? kept : translated(places, kept)),
  };
}

function* translated(places: Iterable<number>, kept: readonly number[]): Iterable<number> {
  for (const place of places) {
    const translation = kept[place];
    if (translation !== undefined) yield translation;
  }
}

function canBePoll({ request, webSocket }: Exchange): boolean {
  const { method, body } = request;
  return (method === 'GET' || method === 'HEAD') && body === undefined && !webSocket;
}

/** Authentication matters: the same URL with another token or cookie is a different request. */
function pollKey({ request: { method, url, headers } }: Exchange): string {
  const asker = ['authorization', 'cookie', 'range'].map((name) => headerValue(headers, name));
  const text = JSON.stringify([method, url, ...asker]);
  return createHash('sha256').update(text).digest('base64');
}

/** The positions in each list of equal requests whose response equals the previous one. */
async function repeatedPolls(
  recording: Recording,
  suspects: readonly (readonly number[])[],
): Promise<number[]> {
  const listOf = new Map(
    suspects.flatMap((places, index) => places.map((place) => [place, index] as const)),
  );
  const places = [...listOf.keys()].sort((a, b) => a - b);
  const answers = new Map<number, string>();
  const equal = new Map<number, number[]>();
  let position = 0;
  for await (const exchange of recording.read(places)) {
    const place = places[position++] ?? 0;
    const index = listOf.get(place) ?? 0;
    const answer = await answerKey(exchange, answers.get(index));
    if (answer === answers.get(index)) equal.set(index, [...(equal.get(index) ?? []), place]);
    else answers.set(index, answer);
  }
  return [...equal.values()].filter(({ length }) => length >= FEWEST_POLLS - 1).flat();
}

/** A 304 means that the response equals the previous one. */
async function answerKey({ outcome }: Exchange, before: string | undefined): Promise<string> {
  const response = responseOf(outcome);
  if (response === undefined) return outcome.kind;
  if (response.status === 304 && before !== undefined) return before;
  const hash = createHash('sha256').update(`${response.status}\n`);
  hash.update(`${contentTypeOf(response.headers)?.essence ?? ''}\n`);
  if (response.body !== undefined) hash.update(await response.body.bytes());
  return hash.digest('base64');
}
