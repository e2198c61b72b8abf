import { type Clock, systemClock } from './clock.ts';

/** Waits for somebody to fall silent. */
export type SilenceWatch = {
  /** Something has come, or is not to be expected now. */
  heard(): void;
  stop(): void;
};

/**
 * Calls back once when nothing was heard for so long. The time is taken in two halves: after this process was held up - it
 * was stopped, or its machine slept - a timer is due before what came meanwhile is read, and one such timer tells nothing.
 * The watch does not keep the process running: what it watches has a connection, which does.
 *
 * @param isExcused whether silence means nothing at the moment
 */
export function watchSilence(
  timeoutMs: number,
  isExcused: () => boolean,
  onSilence: () => void,
  clock: Clock = systemClock,
): SilenceWatch {
  let isHalfway = false;
  const timer = clock.startTimer(() => {
    if (isHalfway && !isExcused()) {
      onSilence();
      return;
    }
    isHalfway = !isExcused();
    timer.restart();
  }, timeoutMs / 2);
  return {
    heard() {
      isHalfway = false;
      timer.restart();
    },
    stop: timer.stop,
  };
}
