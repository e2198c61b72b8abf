import { UserError } from '../errors.ts';
import type { Exchange, Filter, Recording } from '../exchange.ts';
import type { Input, OnFault } from '../importers/index.ts';

/** What several inputs hold together, once each of their exchanges has been read. */
export type Gathered = {
  /** What the filter lets through; of several inputs in order of time. */
  readonly recording: Recording;
  /** Exchanges that the filter does not let through. */
  readonly filteredOut: number;
  /** Of those let through: failed, aborted or unfinished. */
  readonly incomplete: number;
  /** Entries that are no HTTP: what a browser took from `data:` URLs and the like. */
  readonly notHttp: number;
};

type Place = { readonly input: Input; readonly place: number; readonly startedAt: number };

/**
 * Reads every exchange of the inputs once, so that a fault shows before anything is written, and notes where those are
 * that are wanted.
 *
 * @param onFault told of an exchange that cannot be read, which is then left out; to stop there, it throws
 */
export async function gather(
  inputs: readonly Input[],
  wanted: Filter,
  onFault: OnFault,
): Promise<Gathered> {
  const places: Place[] = [];
  let incomplete = 0;
  let filteredOut = 0;
  let notHttp = 0;
  for (const input of inputs) {
    for (let place = 0; place < input.size; place += 1) {
      const exchange = await exchangeAt(input, place, onFault);
      if (exchange === 'fault') continue;
      if (exchange === undefined) notHttp += 1;
      else if (wanted(exchange)) {
        places.push({ input, place, startedAt: exchange.startedAt });
        if (exchange.outcome.kind !== 'completed') incomplete += 1;
      } else filteredOut += 1;
    }
  }
  const [only, ...more] = inputs;
  const recording =
    only && more.length === 0 ? partOf(only, places) : merged(inputs, places.sort(byTime));
  return { recording, filteredOut, incomplete, notHttp };
}

async function exchangeAt(
  input: Input,
  place: number,
  onFault: OnFault,
): Promise<Exchange | 'fault' | undefined> {
  try {
    for await (const exchange of input.read([place])) return exchange;
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onFault(error);
    return 'fault';
  }
}

function byTime(a: Place, b: Place): number {
  return a.startedAt - b.startedAt;
}

/** One input keeps its own order. */
function partOf(input: Input, places: readonly Place[]): Recording {
  return {
    size: places.length,
    read: (wanted) => input.read(chosen(places, wanted, ({ place }) => place)),
  };
}

/** Numbers and ids are each input's own; together they are given anew. */
function merged(inputs: readonly Input[], places: readonly Place[]): Recording {
  const prefixes = new Map(inputs.map((input, at) => [input, `${at + 1}-`]));
  return {
    size: places.length,
    async *read(wanted) {
      const numbered = [...places.entries()];
      for (const [at, { input, place }] of chosen(numbered, wanted, (found) => found)) {
        for await (const exchange of input.read([place]))
          yield { ...exchange, seq: at + 1, id: `${prefixes.get(input)}${exchange.id}` };
      }
    },
  };
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
