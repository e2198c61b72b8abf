import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import {
  type NoticeReport,
  type RecordingReport,
  receivedError,
  type WorkerCounts,
  type WorkerOrder,
  type WorkerReport,
  type WorkerStart,
} from './messages.ts';

/** Where a worker can be reached: all of them share one port. */
type Listening = { readonly port: number; readonly url: string };

/** A process that accepts connections, as the process that started it sees it. */
export type PoolWorker = {
  readonly pid: number;
  /** Active exchanges, as of a moment ago. */
  readonly inFlight: number;
  counts: WorkerCounts | undefined;
  /** Resolves when it accepts connections; rejects when it cannot. */
  readonly listening: Promise<Listening>;
  /** Resolves when the process has ended; with why, if its work was not done. */
  readonly ended: Promise<string | undefined>;
  /** Resolves when `counts` and `inFlight` are up to date, or the worker has ended. */
  refresh(): Promise<void>;
  send(order: WorkerOrder): void;
  kill(): void;
};

/**
 * Starts a worker. node:cluster hands it connections; on Windows, it takes them from a handle that all workers share.
 *
 * @param onReport called with what it reports while it serves
 */
export function startWorker(
  start: WorkerStart,
  onReport: (report: NoticeReport | RecordingReport) => void,
): PoolWorker {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./worker.js', import.meta.url)),
    args: [],
    serialization: 'advanced',
    // The log goes to standard error. Standard output is for data.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    windowsHide: true,
  });
  const worker = cluster.fork();
  let counts: WorkerCounts | undefined;
  let inFlight = 0;
  let isDone = false;
  let refreshed = () => {};
  // A worker that is gone takes no orders.
  const send = (order: WorkerOrder) => void worker.process.send?.(order, () => {});
  const listening = new Promise<Listening>((resolve, reject) => {
    worker.on('message', (report: WorkerReport) => {
      if (report.type === 'ready') send({ type: 'start', start });
      else if (report.type === 'listening') resolve(report);
      else if (report.type === 'failed') reject(receivedError(report.error));
      else if (report.type === 'counts') {
        ({ counts, inFlight } = report);
        if (report.isAsked) refreshed();
      } else if (report.type === 'ended') {
        counts = report.counts;
        isDone = true;
      } else onReport(report);
    });
  });
  const ended = endOf(worker).then((reason) => (isDone ? undefined : reason));
  return {
    pid: worker.process.pid ?? 0,
    get inFlight() {
      return inFlight;
    },
    get counts() {
      return counts;
    },
    set counts(known) {
      counts = known;
    },
    listening: Promise.race([listening, ended.then(endedEarly)]),
    ended,
    async refresh() {
      const answered = new Promise<void>((resolve) => {
        refreshed = resolve;
      });
      send({ type: 'count' });
      await Promise.race([answered, ended]);
    },
    send,
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

// A process may have ended before the last message of it was read.
async function endOf(worker: Worker): Promise<string> {
  const [[code, signal]] = await Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]);
  return signal ?? `exit code ${code}`;
}

function endedEarly(reason: string | undefined): never {
  throw new UserError(`A worker ended before it listened (${reason ?? 'done'}).`, {
    hint: 'Try: --workers 1',
  });
}
