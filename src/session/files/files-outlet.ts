import { relative } from 'node:path';
import type { Comparison } from '../../compare/comparison.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { TypeSource } from '../../grpc/message-types.ts';
import type { RecordedOptions } from '../../options/recorded.ts';
import type { WrittenOptions } from '../../options/written.ts';
import type { Rendering } from '../../output/plan.ts';
import type { Rendered } from '../../output/render.ts';
import type { RunningProxy } from '../../proxy/index.ts';
import type { Journal } from '../../record/journal.ts';
import { followJournal } from '../../record/journal-follower.ts';
import { splitLive, writeLive } from '../../sinks/live-file.ts';
import type { Sink } from '../../sinks/sink.ts';
import type { Log } from '../../terminal/log.ts';
import { quoted, summaryLines } from '../../terminal/summary.ts';
import type { RunEnd } from '../proxy-run.ts';
import { type CommandRecording, openRecorded } from '../recording/command-recording.ts';
import { reasonsForNothing } from '../recording/empty-recording.ts';
import type { Outlet } from '../recording/record-traffic.ts';
import type { StopSignals } from '../signals.ts';
import type { RecordingCheck } from './recording-check.ts';

/** What was written; `hurried` when a second signal came first. */
type Written = (Rendered & { readonly comparison?: Comparison }) | 'hurried';

type Options = WrittenOptions<string> &
  RecordedOptions & {
    readonly messageTypes: TypeSource | undefined;
    /** What the recording is measured against, if anything. */
    readonly check: RecordingCheck | undefined;
  };

/**
 * Writes a recording to files and standard output. One rendering to standard output may be written while the recording is
 * made; the others are written at its end.
 */
export function filesOutlet(
  recording: CommandRecording,
  renderings: readonly Rendering[],
  options: Options,
  { hurry }: StopSignals,
  log: Log,
  wrapped: readonly string[],
): Outlet<Written> {
  const { journal, recorder } = recording;
  const [[liveRendering], afterwards] = splitLive(renderings);
  const live = liveRendering && writeLive(followJournal(journal), liveRendering, options);
  const endLive = async () => live?.finish({ graceMs: 0, hurry });
  return {
    onReady: (proxy) => announce(proxy, renderings, log),
    finish() {
      // A file that was asked for by name is written even with nothing in it: an old one in its place would be believed.
      const isEmpty = recorder.counts.recorded === 0;
      const wanted = afterwards.filter(({ output }) => !isEmpty || isAskedFor(output));
      return writeFiles(recording, wanted, live, { ...options, hurry }, log);
    },
    async sumUp(written, end) {
      if (written === 'hurried') {
        const kept = journal.isGone ? '' : ` ${keptMessage(journal)}`;
        log.warn({ journal: journal.folder }, `stopped before all was written.${kept}`);
        return 130;
      }
      await journal.remove();
      const { recorded, incomplete, filtered } = recorder.counts;
      const counts = { recorded, failed: incomplete, filteredOut: filtered };
      for (const line of summaryLines({ ...counts, ...written })) log.info({}, line);
      if (recorded === 0) await explain(end, filtered, wrapped, log);
      if (written.comparison) {
        const dataOnStdout = renderings.some(({ output }) => output.kind === 'stdout');
        options.check?.report(written.comparison, dataOnStdout, log);
      }
      const code = exitCode(end, journal, recorded, options.min, log);
      return code === 0 && (written.comparison?.findings.length ?? 0) > 0 ? 4 : code;
    },
    discard: endLive,
    // Standard output may be what failed.
    abandon: async () => {},
    keptMessage: keptMessage(journal),
  };
}

function isAskedFor(output: Rendering['output']): boolean {
  return output.kind === 'stdout' || output.replace;
}

/** Says why nothing was recorded, and what to type next. */
async function explain(
  { distrusted = [], isolated = false }: RunEnd,
  filteredOut: number,
  command: readonly string[],
  log: Log,
): Promise<void> {
  const path = process.env['PATH'] ?? '';
  const reasons = await reasonsForNothing({ filteredOut, distrusted, command, isolated, path });
  for (const line of reasons) log.info({}, line);
}

const NOTHING_WRITTEN: Rendered = { files: [], noise: new Map(), replaced: 0 };

async function writeFiles(
  { journal }: CommandRecording,
  renderings: readonly Rendering[],
  live: Sink | undefined,
  options: Options & { readonly hurry: AbortSignal },
  log: Log,
): Promise<Written> {
  const { hurry } = options;
  if (hurry.aborted) return 'hurried';
  const recording = openRecorded(journal, log);
  try {
    await live?.finish({ graceMs: 0, hurry });
    if (renderings.length === 0 && !options.check) return NOTHING_WRITTEN;
    // A wrapped command need not wait until what writes files is loaded.
    const { interruptible, render } = await import('../../output/render.ts');
    const source = interruptible(recording, hurry);
    const comparison = await options.check?.compare(source);
    const rendered =
      renderings.length === 0
        ? NOTHING_WRITTEN
        : await render({ recording: source }, renderings, options);
    return { ...rendered, ...(comparison && { comparison }) };
  } catch (cause) {
    if (cause === hurry.reason) return 'hurried';
    // An error of the disk has a code; any other error without one is a bug, whose stack is wanted.
    if (cause instanceof UserError || errorCode(cause) === undefined) throw cause;
    throw new UserError(`Cannot write the recording: ${describeError(cause)}`, { cause });
  } finally {
    recording.close();
  }
}

function exitCode(
  end: RunEnd,
  { isGone }: Journal,
  recorded: number,
  min: number,
  log: Log,
): number {
  const code = isGone ? 1 : (end.command?.exitCode ?? 0);
  if (code !== 0 || recorded >= min) return code;
  log.error({ recorded, min }, `recorded ${recorded}, fewer than --min ${min}`);
  return 3;
}

function keptMessage({ folder }: Journal): string {
  return `What was recorded is kept; try: pmproxy convert ${quoted(folder)} -o traffic.json`;
}

function announce(
  { url, authority }: RunningProxy,
  renderings: readonly Rendering[],
  log: Log,
): void {
  const outputs = renderings.map(({ output }) =>
    output.kind === 'stdout' ? '-' : shortest(output.path),
  );
  const fields = { proxy: url, ca: authority.files.cert, outputs };
  const purpose = outputs.length > 0 ? ` to ${outputs.join(', ')}` : '';
  log.info(fields, `Recording${purpose} through ${url}`);
}

function shortest(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
