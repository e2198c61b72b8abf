import type { Schedule } from './history.ts';

const HIDDEN_MS = 250;

/** The schedule of a page in a browser. */
export const pageSchedule: Schedule = {
  frame(run) {
    if (document.hidden) setTimeout(run, HIDDEN_MS);
    else requestAnimationFrame(run);
  },
  idle: (run) => void setTimeout(run),
  now: () => performance.now(),
};
