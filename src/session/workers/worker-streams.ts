import type { LiveStreams, StreamNews } from '../../record/live-streams.ts';

type Take = Parameters<LiveStreams['watch']>[0];

/** The streams that workers report while they run, for one listener. */
export type WorkerStreams = Pick<LiveStreams, 'watch'> & {
  /** Whether anybody wants to know of streams. */
  readonly isWatched: boolean;
  /** Hands over what a worker reports, one batch at a time. Resolves when that worker may report more. */
  take(worker: number, news: StreamNews): Promise<void>;
  /** A worker has died: its streams have ended. */
  lose(worker: number): void;
};

/** Gathers the streams of workers. */
export function createWorkerStreams(): WorkerStreams {
  let hand: Take | undefined;
  let earlier: Promise<unknown> = Promise.resolve();
  /** The keys of the streams that run, by worker. */
  const running = new Map<number, Set<string>>();

  const take = async (worker: number, news: StreamNews) => {
    const keys = running.get(worker) ?? new Set();
    running.set(worker, keys);
    for (const { key } of news.begun) keys.add(key);
    for (const key of news.ended) keys.delete(key);
    earlier = earlier.then(() => hand?.(news));
    await earlier;
  };
  return {
    get isWatched() {
      return hand !== undefined;
    },
    watch(listener) {
      hand = listener;
    },
    take,
    lose(worker) {
      const ended = [...(running.get(worker) ?? [])];
      if (ended.length > 0) void take(worker, { begun: [], chunks: [], dropped: new Map(), ended });
    },
  };
}
