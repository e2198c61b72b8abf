import { UserError } from '../errors.ts';
import type { Exchange, Filter, Recording } from '../exchange.ts';
import type { Input, OnFault } from './index.ts';

/** The combined contents of several inputs. */
export type Gathered = {
  /** The exchanges that pass the filter; sorted by time if there are several inputs. */
  readonly recording: Recording;
  /** Known once the recording has been read completely. */
  readonly counts: Counts;
};

type Counts = {
  /** Exchanges that do not pass the filter. */
  filteredOut: number;
  /** Exchanges that pass but failed, were aborted or are unfinished. */
  incomplete: number;
  /** Entries that are not HTTP, such as `data:` URLs in browsers. */
  notHttp: number;
};

const NONE: Counts = { filteredOut: 0, incomplete: 0, notHttp: 0 };

type Place = { readonly input: Input; readonly place: number; readonly startedAt: number };

/**
 * Combines inputs. The positions of selected exchanges are stored at the first reading: for one input during that
 * reading, to avoid an extra pass; for several before it, because they must be sorted.
 *
 * @param onFault called with each exchange that cannot be read, which is then left out; throws to stop there
 */
export function gather(inputs: readonly Input[], wanted: Filter, onFault: OnFault): Gathered {
  const counts: Counts = { ...NONE };
  const [only, ...more] = inputs;
  const isOne = more.length === 0;
  let places: readonly Place[] | undefined;

  async function* firstReading(): AsyncGenerator<Exchange> {
    const noted: Place[] = [];
    // An earlier reading that was interrupted does not count.
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

/** Reads to the end for the side effects. */
export async function readThrough(exchanges: AsyncIterable<Exchange>): Promise<void> {
  for await (const _ of exchanges);
}

/** All readable exchanges of an input, each with its position. */
async function* exchangesOf(
  input: Input,
  counts: Counts,
  onFault: OnFault,
): AsyncGenerator<readonly [place: number, exchange: Exchange]> {
  let next = 0;
  // A reader requests a position when it is done with the one before, so the last one requested is the one returned.
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
      // A fault before any request belongs to this position, which would otherwise fail again forever.
      if (next === before) next += 1;
      onFault(error);
    }
  }
  counts.notHttp += silent;
}

function byTime(a: Place, b: Place): number {
  return a.startedAt - b.startedAt;
}

/** A single input keeps its order. */
function partOf(
  input: Input,
  places: readonly Place[],
  order: Iterable<number> | undefined,
): AsyncIterable<Exchange> {
  return input.read(chosen(places, order, ({ place }) => place));
}

/** Numbers and ids are unique per input; combined inputs get new ones. */
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
