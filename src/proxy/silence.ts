import { type Clock, systemClock } from './clock.ts';

/** Detects when a peer falls silent. */
export type SilenceWatch = {
  /** Something was received, or nothing is expected now. */
  heard(): void;
  stop(): void;
};

/**
 * Calls back once after the given time of silence. The time is measured in two halves: after a stall of this process (it
 * was stopped, or its machine slept), a timer fires before the data received meanwhile is read, so one timer is no proof.
 * The watch does not keep the process running: the watched connection does.
 *
 * @param isExcused whether silence is acceptable at the moment
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
