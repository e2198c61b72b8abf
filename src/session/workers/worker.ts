import { readProxyOptions } from '../../options/proxy.ts';
import { type RunningProxy, startProxy } from '../../proxy/index.ts';
import { bindLightly } from '../light-bind.ts';
import { openLog } from '../open-log.ts';
import { keepServing } from '../proxy-log.ts';
import { engineOptions } from '../proxy-options.ts';
import { sentError, type WorkerOrder, type WorkerReport, type WorkerStart } from './messages.ts';
import { beginWork, type Work } from './work.ts';

/** The interval at which a worker says how much it has done. */
const countsMs = 100;

// The main process stops its workers: a Ctrl+C, and what stops a group of processes, goes to all of them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

process.on('message', onOrder(report));
report({ type: 'ready' });

/**
 * A process that accepts connections on the port of the main process, and does with the traffic what that process was
 * asked to do.
 */
function onOrder(report: (message: WorkerReport) => void): (order: WorkerOrder) => void {
  const hurry = new AbortController();
  let work: Work | undefined;
  let proxy: RunningProxy | undefined;
  let counting: Counting | undefined;
  // The main process was killed. node:cluster ends this one.
  process.prependOnceListener('disconnect', () => work?.flush());

  const start = async (given: WorkerStart) => {
    const { home, setup } = given;
    const options = readProxyOptions(given.given);
    const { log, style } = openLog(options);
    keepServing(log);
    bindLightly();
    work = await beginWork(given, { log, style, report });
    const { observer, rewriter } = work;
    const engine = await engineOptions({ options, home, ...setup, observer, rewriter, log });
    proxy = await startProxy({
      ...engine,
      onNotice: ({ kind, host, error }) =>
        report({ type: 'notice', kind, host, error: sentError(error) }),
    });
    counting = reportCounts(work, proxy, report);
    report({ type: 'listening', port: proxy.port, url: proxy.url });
    proxy.warmUp();
  };

  const end = async (graceMs: number) => {
    await proxy?.close(graceMs, hurry.signal);
    await work?.finish();
    lastReport({ type: 'ended', counts: { ...work?.counts } }, 0);
  };

  return (order) => {
    if (order.type === 'start')
      start(order.start).catch((error: unknown) =>
        lastReport({ type: 'failed', error: sentError(error) }, 1),
      );
    else if (order.type === 'close')
      end(order.graceMs).catch((error: unknown) =>
        lastReport({ type: 'broken', error: sentError(error) }, 1),
      );
    else if (order.type === 'hurry') hurry.abort();
    else if (order.type === 'count') counting?.reportNow();
    else work?.streamsTaken();
  };
}

function report(message: WorkerReport): void {
  // The main process may be gone.
  if (process.connected) process.send?.(message, () => {});
}

function lastReport(message: WorkerReport, exitCode: 0 | 1): void {
  if (process.connected) process.send?.(message, () => process.exit(exitCode));
}

type Counting = { reportNow(): void };

/** Reports the counts when they have changed. */
function reportCounts(
  work: Work,
  proxy: RunningProxy,
  send: (message: WorkerReport) => void,
): Counting {
  let last = '';
  const sendChanged = (isAsked: boolean) => {
    const { inFlight } = proxy;
    const counts = { ...work.counts };
    const now = JSON.stringify([counts, inFlight]);
    if (isAsked || now !== last) send({ type: 'counts', counts, inFlight, isAsked });
    last = now;
  };
  setInterval(() => sendChanged(false), countsMs).unref();
  return { reportNow: () => sendChanged(true) };
}
