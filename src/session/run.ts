import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { describeError } from '../errors.ts';
import type { Observer } from '../exchange.ts';
import { isLoopback } from '../http/loopback.ts';
import { writeClientFiles } from '../launch/client-files.ts';
import type { CommandEnd, RunningCommand } from '../launch/command.ts';
import { childEnvironment } from '../launch/environment.ts';
import { type Isolation, isolate } from '../launch/isolate/isolation.ts';
import { watchTerminalInterrupts } from '../launch/terminal-interrupts.ts';
import { makeTemporaryFolder } from '../new-files.ts';
import { DEFAULT_PORT, type ProxyOptions } from '../options/proxy.ts';
import {
  type ProxyOptions as EngineOptions,
  type Notice,
  type RunningProxy,
  startProxy,
} from '../proxy/index.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import type { Log } from '../terminal/log.ts';
import { type BrowserLaunch, runBrowser } from './browser.ts';
import { clientCertificate, trustedCertificates } from './certificate-files.ts';
import { portHint } from './port-hint.ts';
import { writeReadyFile } from './ready-file.ts';
import { isOnTerminal, type StopSignals } from './signals.ts';

/** A proxy command's life between its set-up and its summing up. */
export type ProxyRun = {
  /** The command's name, for messages. */
  readonly name: string;
  readonly options: ProxyOptions;
  readonly home: string;
  /** The command to run through the proxy, with its arguments; empty for none. */
  readonly command: readonly string[];
  /** The browser to run through the proxy, instead of a command. */
  readonly browser?: BrowserLaunch;
  /** Our standard output carries data, so the command's goes to standard error. */
  readonly dataOnStdout?: boolean;
  readonly observer?: Observer;
  readonly rewriter?: Rewriter;
  /** Where no request may go. */
  readonly reserved?: EngineOptions['reserved'];
  readonly log: Log;
  readonly signals: StopSignals;
  /** Rejects when something broke that makes going on pointless. */
  readonly broken: Promise<never>;
  /** Called once it listens. */
  readonly onReady: (proxy: RunningProxy) => void;
};

/** How it ended: with what the wrapped command said, or on a signal. */
export type RunEnd = { readonly command?: CommandEnd };

/**
 * Starts the proxy, runs the command through it or waits for a signal, then stops: no new
 * connections, `--grace` for what is under way.
 *
 * @throws UserError when the proxy cannot start, and whatever `broken` rejects with
 */
export async function runProxy(run: ProxyRun): Promise<RunEnd> {
  const { options, signals, log } = run;
  const dispose = keepServing(log);
  const graceLeft = graceClock(options.grace, signals);
  // One that a killed process left behind would be believed.
  if (options.readyFile !== undefined) await rm(options.readyFile, { force: true });
  const isolation = options.isolate ? await isolate() : undefined;
  const proxy = await startProxy(await engineOptions(run)).catch(async (error: unknown) => {
    isolation?.close();
    const { port = DEFAULT_PORT, bind } = options;
    throw await portHint(error, run.name, { port, bind });
  });
  try {
    await announce(run, proxy);
    return await Promise.race([live(run, proxy, isolation), run.broken]);
  } finally {
    isolation?.close();
    await proxy.close(graceLeft(), signals.hurry);
    if (options.readyFile !== undefined) await rm(options.readyFile, { force: true });
    dispose();
  }
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

async function live(run: ProxyRun, proxy: RunningProxy, isolation?: Isolation): Promise<RunEnd> {
  if (run.browser !== undefined) return runBrowser(run.browser, run, proxy);
  if (run.command.length === 0) {
    const signal = await run.signals.first;
    const { inFlight } = proxy;
    if (inFlight > 0) {
      const grace = prettyMilliseconds(run.options.grace);
      run.log.info(
        { signal, inFlight },
        `Stopping: waiting for ${inFlight} in flight, up to ${grace}. Ctrl+C again does not wait.`,
      );
    }
    return {};
  }
  const folder = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-'));
  try {
    const files = await writeClientFiles(folder, proxy.authority.files.cert, process.env);
    const usual = childEnvironment(process.env, { ...files, proxyUrl: proxy.url });
    const env = isolation?.environment(usual) ?? usual;
    await isolation?.begin(proxy.tunnel);
    const [command = '', ...args] = isolation?.enter(run.command, env) ?? run.command;
    // What starts a command loads a hundred files, which a browser would wait for.
    const { startCommand } = await import('../launch/command.ts');
    const child = startCommand(command, args, {
      env,
      graceMs: run.options.grace,
      stdoutToStderr: run.dataOnStdout ?? false,
    });
    const ended = await waitFor(child, run);
    if (ended.failure) run.log.error({ err: ended.failure }, ended.failure.message);
    return { command: ended };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function waitFor(
  child: RunningCommand,
  { signals, broken }: Pick<ProxyRun, 'signals' | 'broken'>,
): Promise<CommandEnd> {
  // What the terminal has sent to the command itself is for the command to heed or not.
  const terminal = isOnTerminal() ? watchTerminalInterrupts() : undefined;
  const release = terminal && signals.leaveInterruptsTo(() => terminal.wentToAll());
  // Without its proxy a command is of no use.
  const stopped = broken.catch(() => 'SIGTERM' as const);
  try {
    const ended = await Promise.race([child.finished, signals.first, stopped]);
    if (typeof ended !== 'string') return ended;
    child.stop(ended);
    signals.hurry.addEventListener('abort', () => child.stop('SIGKILL'), { once: true });
    return await child.finished;
  } finally {
    release?.();
    terminal?.stop();
  }
}

async function announce(run: ProxyRun, proxy: RunningProxy): Promise<void> {
  const { readyFile } = run.options;
  if (readyFile !== undefined) {
    const ready = {
      pid: process.pid,
      port: proxy.port,
      proxy: proxy.url,
      ca: proxy.authority.files.cert,
    };
    await writeReadyFile(readyFile, ready);
  }
  run.onReady(proxy);
}

/** Says who can use a proxy that does not listen on loopback alone. */
export function bindWarning({ bind }: Pick<ProxyOptions, 'bind'>, log: Log): void {
  if (isLoopback(bind)) return;
  log.warn({ bind }, `listening on ${bind}: anyone who can reach this address can use the proxy`);
}

async function engineOptions(run: ProxyRun): Promise<EngineOptions> {
  const { options, home, observer, rewriter, reserved, log } = run;
  const any =
    (tests: readonly ((hostname: string, port: number) => boolean)[]) =>
    (hostname: string, port: number) =>
      tests.some((test) => test(hostname, port));
  return {
    port: options.port ?? (run.command.length > 0 || run.browser ? 0 : DEFAULT_PORT),
    bind: options.bind,
    home,
    via: options.upstream === false ? 'none' : (options.upstream ?? 'ambient'),
    insecure: any(options.insecure),
    trust: await Promise.all(options.trust.map(trustedCertificates)),
    clientCertificates: await Promise.all(options.clientCert.map(clientCertificate)),
    ...(options.passthrough.length > 0 && { passthrough: any(options.passthrough) }),
    timeoutMs: options.timeout,
    ...(observer && { observer }),
    ...(rewriter && { rewriter }),
    ...(reserved && { reserved }),
    onNotice: noticeLogger(log, run.browser !== undefined),
  };
}

// What nobody is answered with but somebody may want to know. What comes again and again is said once: that a browser
// does not trust us for a host, and that there is no room for more.
// A browser of ours trusts us: it hangs up on connections that it does not need, and on us for its makers' own hosts.
function noticeLogger(log: Log, isTrusted: boolean): (notice: Notice) => void {
  const told = new Set<string>();
  return ({ kind, host, error }) => {
    if (kind === 'internal')
      log.error({ err: error }, `a bug in pmproxy cost one request: ${error.message}`);
    else if ((kind === 'untrusted' && !isTrusted) || kind === 'crowded') {
      if (told.has(host)) return;
      told.add(host);
      if (kind === 'crowded') log.warn(`${error.message}; others are turned away. See: ulimit -n`);
      else log.warn({ host }, `a client does not trust pmproxy for ${host}; see: pmproxy ca`);
    } else
      log.debug({ host, reason: describeError(error) }, `${kind} connection to ${host} failed`);
  };
}

// The last line: whatever was thrown where nobody was looking costs its own exchange, not the others.
function keepServing(log: Log): () => void {
  const listener = (error: unknown) => {
    log.error({ err: error }, `a bug in pmproxy: ${describeError(error)}; going on`);
  };
  process.on('uncaughtException', listener);
  process.on('unhandledRejection', listener);
  return () => {
    process.off('uncaughtException', listener);
    process.off('unhandledRejection', listener);
  };
}
