import { setImmediate } from 'node:timers/promises';
import { noiseOf } from '../analysis/noise/kinds.ts';
import type { Recording } from '../exchange.ts';
import { withCalls } from '../grpc/described-calls.ts';
import { rejectionOf, writeEachToStdout } from '../output/output.ts';
import { type FileRendering, isFolderRendering, type Rendering } from '../output/plan.ts';
import { exportOptions, type RenderOptions } from '../output/render.ts';
import type { Journal } from '../record/journal.ts';
import { behind, followJournal } from '../record/journal-follower.ts';
import { createWakeUp } from '../record/wake-up.ts';

/** What is written while it is recorded. */
export type LiveRendering = {
  /**
   * Waits until all of the recording is written, once its journal is closed.
   *
   * @throws what writing threw; the signal's reason when that comes first
   */
  finish(hurry: AbortSignal): Promise<void>;
};

/** Tells renderings that can be written while the recording is made from those that have to wait for its end. */
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
 * Writes each exchange to standard output when it ends, in the order in which they end. The journal is the buffer: a
 * reader that is slow costs no memory, and one that goes away disturbs nothing.
 */
export function startLive(
  journal: Journal,
  renderings: readonly FileRendering[],
  options: RenderOptions,
): LiveRendering {
  const [rendering] = renderings;
  if (rendering === undefined) return { finish: async () => {} };
  const { recording, end } = followed(journal, options.noise);
  const readable = withCalls(recording, options.messageTypes);
  const chunks = rendering.exporter.render(readable, exportOptions(rendering.name, options));
  const done = writeEachToStdout(chunks);
  // Thrown when it is asked for; until then it must not count as unhandled.
  done.catch(() => {});
  return {
    async finish(hurry) {
      end();
      await Promise.race([done, rejectionOf(hurry)]);
    },
  };
}

/** A recording that is read while it is made; the reading ends when it has. */
function followed(journal: Journal, noise: boolean): { recording: Recording; end(): void } {
  const wakeUp = createWakeUp();
  let over = false;
  journal.whenWritten(wakeUp.wake);
  async function* read() {
    const follower = followJournal(journal.folder);
    try {
      let offset = 0;
      while (true) {
        const last = over;
        const place = follower.next(offset);
        if (place === undefined) {
          if (last) return;
          await wakeUp.woken();
          continue;
        }
        offset = behind(place);
        const exchange = follower.at(place);
        if (noise || noiseOf(exchange) === undefined) yield exchange;
        // Traffic goes first, however much there is to write.
        await setImmediate();
      }
    } finally {
      follower.close();
    }
  }
  const end = () => {
    over = true;
    wakeUp.wake();
  };
  return { recording: { size: 0, live: true, read }, end };
}
