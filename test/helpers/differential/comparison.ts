import type { RunningProxy } from '../../../src/proxy/index.ts';
import type { Script } from './exchange.ts';
import {
  isOverHttp2,
  type Observation,
  observe,
  type Place,
  type Transport,
} from './observation.ts';
import type { Origin } from './origin.ts';
import { make } from './transports.ts';

/** A place where an exchange through the proxy looked otherwise than the same one without it. */
export type Difference = {
  readonly script: Script;
  readonly transport: Transport;
  readonly server: 'HTTP/1.1' | 'HTTP/2';
  /** It and the others on its connection: a refusal of one ends all. */
  readonly scripts: readonly Script[];
  readonly place: Place;
  readonly direct: readonly string[];
  readonly proxied: readonly string[];
  readonly whole: { readonly direct: Observation; readonly proxied: Observation };
};

/** Exchanges over one connection, and the way there. */
export type Conversation = {
  readonly scripts: readonly Script[];
  readonly transport: Exclude<Transport, 'direct'>;
  readonly order?: 'in turn' | 'pipelined';
};

/** Both ends, and the proxy between them. */
export type Ends = {
  readonly origin: Origin;
  /** What the origin speaks; a yardstick that goes directly speaks it as well. */
  readonly server: 'HTTP/1.1' | 'HTTP/2';
  readonly proxy: RunningProxy;
};

// What hangs is given up and named; nothing is timed. A busy machine is many times slower than a quiet one.
const patienceMs = 45_000;

/** Has each conversation once directly and once through the proxy, some at a time. */
export async function differences(
  conversations: readonly Conversation[],
  ends: Ends,
): Promise<Difference[]> {
  const found: Difference[] = [];
  const left = [...conversations];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift())
      found.push(...(await compare(next, ends)));
  };
  await Promise.all(Array.from({ length: 12 }, work));
  return found;
}

async function compare(
  { scripts, transport, order = 'in turn' }: Conversation,
  ends: Ends,
): Promise<Difference[]> {
  const { server, origin } = ends;
  const isHttp2 = isOverHttp2(transport) || server === 'HTTP/2';
  const observed = async (over: Transport) => {
    const pending = make(scripts, over, order, ends);
    const isOver = await Promise.race([pending.over.then(() => true), patience()]);
    if (!isOver && over === 'direct') throw new Error(`never ends: ${scripts[0]?.name}`);
    return pending.runs.map((run) => ({
      ...observe(run, origin.authority, isHttp2),
      'end of all': [isOver ? 'over' : 'open'],
    }));
  };
  const directs = await observed('direct');
  const proxieds = await observed(transport);
  return scripts.flatMap((script, at) => {
    const direct = directs[at] as Observation;
    const proxied = proxieds[at] as Observation;
    return (Object.keys(direct) as Place[])
      .filter((place) => JSON.stringify(direct[place]) !== JSON.stringify(proxied[place]))
      .map((place) => ({
        ...{ script, scripts, transport, server, place, whole: { direct, proxied } },
        ...{ direct: direct[place], proxied: proxied[place] },
      }));
  });
}

function patience(): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), patienceMs).unref();
  });
}
