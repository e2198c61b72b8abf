import type { RecordedOptions } from '../../options/recorded.ts';
import type { RewrittenOptions } from '../../options/rewritten.ts';
import type { WorkersOption } from '../../options/workers.ts';
import type { RunningProxy } from '../../proxy/index.ts';
import type { JournalOwner } from '../../record/journals.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { Log } from '../../terminal/log.ts';
import type { Style } from '../../terminal/style.ts';
import type { ClientView, ClientViewOptions } from '../delivery/client-view.ts';
import { withoutOwnTraffic } from '../launch.ts';
import { askingObserver, type MessageTypes, typesAsker } from '../message-types.ts';
import { type ProxyRun, type RunEnd, runProxy } from '../proxy-run.ts';
import { rewriterFor, warnOfAnyOrigin } from '../rewriting.ts';
import { type StopSignals, watchStopSignals } from '../signals.ts';
import { beginRecording, type CommandRecording, endRecording } from './command-recording.ts';
import type { LegacyApp } from './legacy-app.ts';

/** A command that records what passes through its proxy. */
export type RecordingCommand<Result> = Pick<
  ProxyRun,
  'name' | 'home' | 'wrapped' | 'browser' | 'dataOnStdout' | 'reserved'
> & {
  readonly options: {
    readonly proxy: ProxyRun['options'];
    readonly recorded: RecordedOptions;
    /** How headers are rewritten while recording, if they are. */
    readonly rewritten: RewrittenOptions | undefined;
    /** The PostmanProxy (2013) app that calls are sent to as well, if any. */
    readonly app: LegacyApp | undefined;
  };
  /** The processes that share the traffic out; undefined for this one alone. */
  readonly workers: WorkersOption | undefined;
  /** Where the types of gRPC messages come from. */
  readonly messageTypes: MessageTypes;
  /** What the journal says about the recording. */
  readonly owner: Pick<JournalOwner, 'outputs' | 'session'>;
  /** The name of the recording, which the PostmanProxy app shows. */
  readonly recordingName: string;
  readonly log: Log;
  readonly style: Style;
  /** The running client that shows the recording while it is made, if any. */
  readonly shownIn?: ClientViewOptions | undefined;
  /** Opens what the recording goes to. */
  readonly openOutlet: (recording: CommandRecording, signals: StopSignals) => Outlet<Result>;
};

/** What a recording goes to: files, or a running client. */
export type Outlet<Result> = {
  /** The proxy listens, and traffic begins. */
  onReady(proxy: RunningProxy): void;
  /** Hands over what is left of the recording, which has ended. */
  finish(end: RunEnd): Promise<Result>;
  /**
   * Says what became of the recording, and removes or keeps its journal.
   *
   * @returns the exit code
   */
  sumUp(result: Result, end: RunEnd): Promise<number>;
  /** Ends without a recording: the wrapped command could not be started. */
  discard(): Promise<void>;
  /** Ends after a failure. What was recorded stays in the journal. */
  abandon(): Promise<void>;
  /** Says, after a failure, how to get at what the journal holds. */
  readonly keptMessage: string;
};

/**
 * Records until the wrapped command ends or a signal comes, and hands the recording to its outlet.
 *
 * @returns the exit code
 * @throws UserError when the proxy cannot start, or the recording cannot be written
 */
export async function recordTraffic<Result>(command: RecordingCommand<Result>): Promise<number> {
  const { options, log } = command;
  const { recording, traffic } = await begin(command);
  const { journal } = recording;
  const { recordingName: name } = command;
  const legacyApp = await legacySink(options, recording, name, log);
  if (options.rewritten) warnOfAnyOrigin(options.rewritten, log);
  const signals = watchStopSignals();
  const { hurry } = signals;
  const outlet = command.openOutlet(recording, signals);
  const view = await clientView(command.shownIn, recording, log);
  try {
    const onReady = (proxy: RunningProxy) => {
      outlet.onReady(proxy);
      view?.begin(proxy);
    };
    const end = await run(command, recording, traffic, signals, onReady);
    if (end.command?.failure) {
      await outlet.discard();
      await journal.remove();
      return end.command.exitCode;
    }
    await endRecording(recording);
    const [result] = await Promise.all([
      outlet.finish(end),
      legacyApp.finish({ graceMs: options.proxy.grace, hurry }),
      view?.finish({ graceMs: options.proxy.grace, hurry }),
    ]);
    const exitCode = await outlet.sumUp(result, end);
    return exitCode === 0 && traffic.hasLost ? 1 : exitCode;
  } catch (error) {
    await outlet.abandon();
    await keepOrRemove(recording, outlet.keptMessage, log);
    throw error;
  } finally {
    await legacyApp.finish({ graceMs: 0, hurry });
    await view?.finish({ graceMs: 0, hurry });
    signals.finish();
  }
}

/** Loads what sends to the app only if there is one. */
async function legacySink(
  { app, recorded }: RecordingCommand<unknown>['options'],
  recording: CommandRecording,
  name: string,
  log: Log,
): Promise<Sink> {
  if (app === undefined) return { finish: async () => {} };
  const { startLegacyApp } = await import('./legacy-app.ts');
  return startLegacyApp(app, recording, name, recorded, log);
}

/** Loads what pushes to a client only if there is one. */
async function clientView(
  options: ClientViewOptions | undefined,
  recording: CommandRecording,
  log: Log,
): Promise<ClientView | undefined> {
  if (options === undefined) return undefined;
  const { startClientView } = await import('../delivery/client-view.ts');
  return startClientView(recording, options, log);
}

/** Where the traffic of a recording passes. */
type Traffic = Pick<ProxyRun, 'observer' | 'rewriter' | 'start' | 'refresh'> & {
  /** Rejects when no traffic can pass any more. */
  readonly down?: Promise<never>;
  readonly isDown: boolean;
  /** Whether some of it was lost. */
  readonly hasLost: boolean;
};

async function begin<Result>(
  command: RecordingCommand<Result>,
): Promise<{ readonly recording: CommandRecording; readonly traffic: Traffic }> {
  const { options, owner, home, browser, workers, log, style } = command;
  const askTypes = typesAsker(command.messageTypes);
  if (workers !== undefined) {
    const { beginSharedRecording } = await import('../workers/shared-recording.ts');
    const { maxBody } = options.recorded;
    const shared = { home, owner, workers, maxBody, browser, askTypes, log };
    const { pool, ...recording } = await beginSharedRecording(shared);
    return { recording, traffic: pool };
  }
  const recorded = withoutOwnTraffic(options.recorded, browser);
  const recording = await beginRecording(home, owner, recorded, { log, style });
  const observer = askingObserver(recording.recorder, askTypes);
  const rewriter = options.rewritten && rewriterFor(options.rewritten, () => true);
  return { recording, traffic: { observer, rewriter, isDown: false, hasLost: false } };
}

async function run<Result>(
  { options, ...command }: RecordingCommand<Result>,
  { journal, stopped }: CommandRecording,
  traffic: Traffic,
  signals: StopSignals,
  onReady: (proxy: RunningProxy) => void,
): Promise<RunEnd> {
  const { observer, rewriter, start, refresh, down } = traffic;
  try {
    return await runProxy({
      ...command,
      options: options.proxy,
      ...(observer && { observer }),
      rewriter,
      ...(start && { start }),
      ...(refresh && { refresh }),
      signals,
      broken: down ? Promise.race([stopped, down]) : stopped,
      onReady,
    });
  } catch (error) {
    // What was recorded before the journal's folder was removed, or the last worker died, can still be read.
    if (journal.isGone || traffic.isDown) return {};
    throw error;
  }
}

async function keepOrRemove(
  { journal, recorder }: CommandRecording,
  message: string,
  log: Log,
): Promise<void> {
  if (recorder.counts.recorded === 0) await journal.remove().catch(() => {});
  else if (!journal.isGone) log.warn({ journal: journal.folder }, message);
}
