import prettyMilliseconds from 'pretty-ms';
import type { CommandEnd } from '../launch/command.ts';
import type { Isolation } from '../launch/isolate/isolation.ts';
import { type Notice, type ProxyOptions, type RunningProxy, startProxy } from '../proxy/index.ts';
import type { BrowserLaunch } from './launch.ts';
import { bindLightly } from './light-bind.ts';
import { announceOnNetwork } from './network-banner.ts';
import { portHint } from './port-hint.ts';
import { announceTargets, keepServing, warnOfExpiry, warnOfOpenBind } from './proxy-log.ts';
import { type EngineSetup, engineOptions, portOf } from './proxy-options.ts';
import { prepareReadyFile } from './ready-file.ts';
import type { StopSignals } from './signals.ts';
import type { WorkerSetup } from './workers/messages.ts';

/** The life of a proxy command, from the start of its proxy to the end. */
export type ProxyRun = Omit<EngineSetup, 'wraps' | 'trustsProxy'> & {
  /** The command's name, for messages. */
  readonly name: string;
  /** The command to run through the proxy, with its arguments; empty for none. */
  readonly wrapped: readonly string[];
  /** Ports of this machine on which the proxy answers in the place of servers that need not be there. */
  readonly answeredPorts?: readonly string[];
  /** The browser to run through the proxy, instead of a command. */
  readonly browser?: BrowserLaunch | undefined;
  /** Our standard output carries data, so the wrapped command's goes to standard error. */
  readonly dataOnStdout?: boolean;
  /** Starts the proxy from its options, and from what the command line does not say; in this process by default. */
  readonly start?: (engine: ProxyOptions, setup: WorkerSetup) => Promise<RunningProxy>;
  /** Brings the proxy's `inFlight` up to date, where another process counts. */
  readonly refresh?: () => Promise<void>;
  readonly signals: StopSignals;
  /** Rejects when something failed without which there is no point in going on. */
  readonly broken?: Promise<never>;
  /** Called once the proxy listens. */
  readonly onReady: (proxy: RunningProxy) => void;
};

/** How the run ended: with the wrapped command, or with a signal. */
export type RunEnd = {
  readonly command?: CommandEnd;
  /** Hosts for which a client did not trust our authority. */
  readonly distrusted?: readonly string[];
  /** The command ran in a network of its own. */
  readonly isolated?: boolean;
};

/**
 * Starts the proxy, runs the command through it or waits for a signal, then stops: it accepts no new connections, and
 * exchanges in flight have `--grace` to end.
 *
 * @throws UserError when the proxy cannot start, and whatever `broken` rejects with
 */
export async function runProxy(run: ProxyRun): Promise<RunEnd> {
  const { options, signals, log, wrapped, browser, broken } = run;
  const stopKeeping = keepServing(log);
  bindLightly();
  const graceLeft = graceClock(options.grace, signals);
  const readyFile = await prepareReadyFile(options.readyFile);
  const wraps = wrapped.length > 0 || browser !== undefined;
  const setup = { ...run, wraps, trustsProxy: browser !== undefined };
  const distrusted = new Set<string>();
  const engine = await engineOptions(setup);
  const onNotice = (notice: Notice) => {
    if (notice.kind === 'untrusted') distrusted.add(notice.host);
    engine.onNotice?.(notice);
  };
  // Both take their time, in processes of their own.
  const preparing = options.isolate ? prepareIsolation() : undefined;
  preparing?.catch(() => {});
  const { start = startProxy } = run;
  const { trustsProxy, reserved } = setup;
  const unsaid = { wraps, trustsProxy, ...(reserved && { reserved }) };
  const proxy = await start({ ...engine, onNotice }, unsaid).catch(async (error: unknown) => {
    void preparing?.then((isolation) => isolation.close()).catch(() => {});
    throw await portHint(error, run.name, { port: portOf(options, wraps), bind: options.bind });
  });
  const isolation = await preparing?.catch(async (error: unknown) => {
    await proxy.close(0);
    throw error;
  });
  try {
    const { port, url, authority } = proxy;
    const ca = authority.files.cert;
    await readyFile.write({ pid: process.pid, port, proxy: url, ca });
    warnOfOpenBind(options, log);
    warnOfExpiry(authority, new Date(), log);
    run.onReady(proxy);
    announceTargets(options, url, log);
    await announceOnNetwork(options, port, log);
    // A wrapped command or browser is told what to trust.
    if (!wraps) log.info({}, `For HTTPS, clients must trust ${ca}. Ctrl+C stops.`);
    const end = runThrough(run, proxy, isolation);
    const ended = await (broken ? Promise.race([end, broken]) : end);
    return { ...ended, distrusted: [...distrusted], isolated: options.isolate };
  } finally {
    isolation?.close();
    await proxy.close(graceLeft(), signals.hurry);
    await readyFile.remove();
    stopKeeping();
  }
}

async function prepareIsolation(): Promise<Isolation> {
  const { isolate } = await import('../launch/isolate/isolation.ts');
  return isolate();
}

// Only what is run is loaded.
async function runThrough(
  run: ProxyRun,
  proxy: RunningProxy,
  isolation: Isolation | undefined,
): Promise<RunEnd> {
  const { browser, wrapped } = run;
  if (browser) {
    const { runBrowser } = await import('./browser.ts');
    return runBrowser(browser, run, proxy);
  }
  if (wrapped.length === 0) return untilSignal(proxy, run);
  const { runWrapped } = await import('./wrapped-command.ts');
  return runWrapped({ ...run, proxy, isolation });
}

/**
 * The exit code of a run whose own work succeeded: that of the wrapped command; without one, 130 after a second signal.
 */
export function exitCodeOf({ command }: RunEnd, { hurry }: StopSignals): number {
  return command?.exitCode ?? (hurry.aborted ? 130 : 0);
}

// `--grace` runs from the signal, for the command and then for the connections that it leaves behind. Where a command ends
// by itself, it runs from that.
function graceClock(graceMs: number, signals: StopSignals): () => number {
  let signalledAt: number | undefined;
  void signals.first.then(() => {
    signalledAt = performance.now();
  });
  return () => {
    const usedMs = signalledAt === undefined ? 0 : performance.now() - signalledAt;
    return Math.max(0, graceMs - usedMs);
  };
}

async function untilSignal(
  proxy: RunningProxy,
  { signals, options: { grace }, log, refresh }: ProxyRun,
): Promise<RunEnd> {
  proxy.warmUp();
  const signal = await signals.first;
  await refresh?.();
  const { inFlight } = proxy;
  if (inFlight > 0) {
    log.info(
      { signal, inFlight },
      `Stopping: waiting for ${inFlight} in flight, up to ${prettyMilliseconds(grace)}. Ctrl+C again does not wait.`,
    );
  }
  return {};
}
