import { noiseOf } from '../analysis/noise/kinds.ts';
import type { Recording } from '../exchange.ts';
import { withCalls } from '../grpc/described-calls.ts';
import { exportOptions, type RenderOptions } from '../output/export-options.ts';
import { rejectionOf, writeEachToStdout } from '../output/output.ts';
import { type FileRendering, isFolderRendering, type Rendering } from '../output/plan.ts';
import type { JournalFollower } from '../record/journal-follower.ts';
import type { Sink } from './sink.ts';

/** Separates the renderings that can be written while the recording is made from those that need all of it. */
export function splitLive(
  renderings: readonly Rendering[],
): [live: FileRendering[], afterwards: Rendering[]] {
  const isLive = (rendering: Rendering): rendering is FileRendering =>
    !isFolderRendering(rendering) &&
    rendering.output.kind === 'stdout' &&
    rendering.exporter.live === true;
  return [renderings.filter(isLive), renderings.filter((rendering) => !isLive(rendering))];
}

/**
 * Writes each exchange to standard output when it ends, in the order in which exchanges end. A reader that goes away
 * ends the writing and nothing else.
 *
 * `finish` waits until all of the recording is written, whatever the grace. It throws what writing threw, or the reason of
 * `hurry` when that is aborted first.
 */
export function writeLive(
  follower: JournalFollower,
  rendering: FileRendering,
  options: RenderOptions,
): Sink {
  const recording = recordingOf(follower, options.noise);
  const readable = withCalls(recording, options.messageTypes);
  const chunks = rendering.exporter.render(readable, exportOptions(rendering.name, options));
  const written = writeEachToStdout(chunks).finally(() => follower.close());
  // Thrown by `finish`; until then it must not count as unhandled.
  written.catch(() => {});
  return {
    async finish({ hurry }) {
      follower.end();
      await Promise.race([written, rejectionOf(hurry)]);
    },
  };
}

/** A recording that is read while it is made. Reading ends when the recording does. */
function recordingOf(follower: JournalFollower, noise: boolean): Recording {
  async function* read() {
    for await (const line of follower.lines()) {
      const exchange = follower.exchange(line);
      if (noise || noiseOf(exchange) === undefined) yield exchange;
    }
  }
  return { size: 0, live: true, read };
}
