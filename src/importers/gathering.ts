import { UserError } from '../errors.ts';
import type { Exchange, Filter, Recording } from '../exchange.ts';
import type { Input, OnFault } from './index.ts';

/** What several inputs hold together. */
export type Gathered = {
  /** What the filter lets through; of several inputs in order of time. */
  readonly recording: Recording;
  /** Known when the recording has been read whole. */
  readonly counts: Counts;
};

type Counts = {
  /** Exchanges that the filter does not let through. */
  filteredOut: number;
  /** Of those let through: failed, aborted or unfinished. */
  incomplete: number;
  /** Entries that are no HTTP: what a browser took from `data:` URLs and the like. */
  notHttp: number;
};

const NONE: Counts = { filteredOut: 0, incomplete: 0, notHttp: 0 };

type Place = { readonly input: Input; readonly place: number; readonly startedAt: number };

/**
 * Puts inputs together. The places of what is wanted are noted when the recording is read for the first time: of one
 * input while that goes on, so that it is not read for that alone; of several before, because they have to be sorted.
 *
 * @param onFault told of an exchange that cannot be read, which is then left out; to stop there, it throws
 */
export function gather(inputs: readonly Input[], wanted: Filter, onFault: OnFault): Gathered {
  const counts: Counts = { ...NONE };
  const [only, ...more] = inputs;
  const isOne = more.length === 0;
  let places: readonly Place[] | undefined;

  async function* firstReading(): AsyncGenerator<Exchange> {
    const noted: Place[] = [];
    // One that was broken off before counts for nothing.
    Object.assign(counts, NONE);
    for (const input of inputs) {
      for await (const [place, exchange] of exchangesOf(input, counts, onFault)) {
        if (!wanted(exchange)) {
          counts.filteredOut += 1;
          continue;
        }
        noted.push({ input, place, startedAt: exchange.startedAt });
        if (exchange.outcome.kind !== 'completed') counts.incomplete += 1;
        yield exchange;
      }
    }
    places = isOne ? noted : noted.sort(byTime);
  }

  const readNoted = (noted: readonly Place[], order: Iterable<number> | undefined) =>
    only && isOne ? partOf(only, noted, order) : merged(inputs, noted, order);

  async function* readAfterAll(order: Iterable<number> | undefined): AsyncGenerator<Exchange> {
    await readThrough(firstReading());
    yield* readNoted(places ?? [], order);
  }

  const recording: Recording = {
    get size() {
      return places?.length ?? 0;
    },
    read(order) {
      if (places !== undefined) return readNoted(places, order);
      return isOne && order === undefined ? firstReading() : readAfterAll(order);
    },
  };
  return { recording, counts };
}

/** Reads to the end, for what comes of reading. */
export async function readThrough(exchanges: AsyncIterable<Exchange>): Promise<void> {
  for await (const _ of exchanges);
}

/** All that can be read of an input, each with its place. */
async function* exchangesOf(
  input: Input,
  counts: Counts,
  onFault: OnFault,
): AsyncGenerator<readonly [place: number, exchange: Exchange]> {
  let next = 0;
  // A reader asks for a place when it is done with the one before: the last that was asked for is the one that comes.
  function* rest() {
    while (next < input.size) yield next++;
  }
  let silent = input.size;
  while (next < input.size) {
    const before = next;
    try {
      for await (const exchange of input.read(rest())) {
        silent -= 1;
        yield [next - 1, exchange];
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      silent -= 1;
      // A fault that comes before anything is asked for is one of this place, which would come again and again.
      if (next === before) next += 1;
      onFault(error);
    }
  }
  counts.notHttp += silent;
}

function byTime(a: Place, b: Place): number {
  return a.startedAt - b.startedAt;
}

/** One input keeps its own order. */
function partOf(
  input: Input,
  places: readonly Place[],
  order: Iterable<number> | undefined,
): AsyncIterable<Exchange> {
  return input.read(chosen(places, order, ({ place }) => place));
}

/** Numbers and ids are each input's own; together they are given anew. */
async function* merged(
  inputs: readonly Input[],
  places: readonly Place[],
  order: Iterable<number> | undefined,
): AsyncGenerator<Exchange> {
  const prefixes = new Map(inputs.map((input, at) => [input, `${at + 1}-`]));
  const numbered = [...places.entries()];
  for (const [at, { input, place }] of chosen(numbered, order, (found) => found)) {
    for await (const exchange of input.read([place]))
      yield { ...exchange, seq: at + 1, id: `${prefixes.get(input)}${exchange.id}` };
  }
}

function* chosen<T, R>(
  list: readonly T[],
  wanted: Iterable<number> | undefined,
  toResult: (found: T) => R,
): Iterable<R> {
  for (const at of wanted ?? list.keys()) {
    const found = list[at];
    if (found !== undefined) yield toResult(found);
  }
}
