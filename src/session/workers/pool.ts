import { openProxyAuthority, type ProxyOptions, type RunningProxy } from '../../proxy/index.ts';
import type { Log } from '../../terminal/log.ts';
import {
  type NoticeReport,
  type RecordingReport,
  receivedError,
  type WorkerCounts,
  type WorkerOrder,
  type WorkerSetup,
  type WorkerStart,
} from './messages.ts';
import { type PoolWorker, startWorker } from './pool-worker.ts';

export type PoolOptions<Counts extends WorkerCounts> = {
  /** How many processes accept connections. */
  readonly count: number;
  /** What commander collected. */
  readonly given: WorkerStart['given'];
  /** @param worker from 1 */
  readonly taskOf: (worker: number) => WorkerStart['task'];
  /** The counts before anything happened. */
  readonly none: Counts;
  /** Called with what workers report about a recording. `reply` sends that worker an order. */
  readonly onReport?: (
    worker: number,
    report: RecordingReport,
    reply: (order: WorkerOrder) => void,
  ) => void;
  /**
   * Called when a worker has died.
   *
   * @param counts as it last reported them
   * @returns what it is known to have counted
   */
  readonly onLost?: (worker: number, counts: Counts) => Counts;
  /** What becomes of the work of a worker that has died: a sentence. */
  readonly keptWork?: string;
  readonly log: Log;
};

/** Processes that accept connections on one port, and look like one proxy. */
export type Pool<Counts extends WorkerCounts> = {
  /** What all workers have counted, as of a moment ago; exact when the proxy is closed. */
  readonly counts: Counts;
  /** Whether a worker has died. */
  readonly hasLost: boolean;
  /** Rejects when the last worker has died. */
  readonly down: Promise<never>;
  /** Whether that has happened. */
  readonly isDown: boolean;
  /** Asks the workers for their exchanges in flight. */
  refresh(): Promise<void>;
  /**
   * Starts the workers.
   *
   * @throws UserError when one of them cannot start
   */
  start(engine: ProxyOptions, setup: WorkerSetup): Promise<RunningProxy>;
};

/** Prepares a pool of workers. */
export function createPool<Counts extends WorkerCounts>(
  options: PoolOptions<Counts>,
): Pool<Counts> {
  const { count, none, log, onLost = (_: number, counts: Counts) => counts } = options;
  const workers: PoolWorker[] = [];
  const living = new Set<PoolWorker>();
  let hasLost = false;
  let isDown = false;
  let goDown: (error: Error) => void = () => {};
  const down = new Promise<never>((_, reject) => {
    goDown = reject;
  });
  down.catch(() => {});

  const follow = async (worker: PoolWorker, number: number) => {
    const reason = await worker.ended;
    living.delete(worker);
    if (reason === undefined) return;
    hasLost = true;
    worker.counts = onLost(number, { ...none, ...worker.counts });
    const { size } = living;
    const others = size === 0 ? 'No worker is left' : `${size} of ${count} workers go on`;
    const fate = `Worker ${number} (process ${worker.pid}) has died (${reason}), and its connections with it.`;
    log.error({ worker: number, pid: worker.pid }, `${fate} ${options.keptWork ?? ''}${others}.`);
    if (size > 0) return;
    isDown = true;
    goDown(new Error('No worker is left.'));
  };

  return {
    get counts() {
      const sums: Record<string, number> = { ...none };
      for (const { counts } of workers)
        for (const name of Object.keys(none))
          sums[name] = (sums[name] ?? 0) + (counts?.[name] ?? 0);
      return sums as Counts;
    },
    get hasLost() {
      return hasLost;
    },
    down,
    get isDown() {
      return isDown;
    },
    async refresh() {
      await Promise.all([...living].map((worker) => worker.refresh()));
    },
    async start(engine, setup) {
      const { given, taskOf, onReport } = options;
      // Before the workers open it: they would make it at the same time.
      const authority = await openProxyAuthority(engine);
      for (let number = 1; number <= count; number += 1) {
        const start = { given, home: engine.home, setup, task: taskOf(number) };
        const worker = startWorker(start, (report) => {
          if (report.type === 'notice') passOn(report, engine);
          else onReport?.(number, report, worker.send);
        });
        workers.push(worker);
        living.add(worker);
      }
      const listening = await Promise.all(workers.map((worker) => worker.listening)).catch(
        async (error: unknown) => {
          for (const worker of workers) worker.kill();
          await Promise.all(workers.map(({ ended }) => ended));
          throw error;
        },
      );
      for (const [at, worker] of workers.entries()) void follow(worker, at + 1);
      const { port, url } = listening[0] ?? { port: 0, url: '' };
      return {
        port,
        url,
        authority,
        get inFlight() {
          return [...living].reduce((sum, { inFlight }) => sum + inFlight, 0);
        },
        tunnel() {
          throw new Error('Workers take connections from their port only.');
        },
        // Workers do so as soon as they listen.
        warmUp() {},
        close: (graceMs, hurry) => close([...living], graceMs, hurry),
      };
    },
  };
}

function passOn({ kind, host, error }: NoticeReport, { onNotice }: ProxyOptions): void {
  onNotice?.({ kind, host, error: receivedError(error) });
}

async function close(
  workers: readonly PoolWorker[],
  graceMs: number,
  hurry: AbortSignal | undefined,
): Promise<void> {
  const rush = () => {
    for (const worker of workers) worker.send({ type: 'hurry' });
  };
  for (const worker of workers) worker.send({ type: 'close', graceMs });
  if (hurry?.aborted) rush();
  else hurry?.addEventListener('abort', rush, { once: true });
  await Promise.all(workers.map(({ ended }) => ended));
  hurry?.removeEventListener('abort', rush);
}
