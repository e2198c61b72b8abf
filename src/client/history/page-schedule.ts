import type { Schedule } from './history.ts';

/** In a page that is hidden nothing is drawn, but its title counts on. */
const LATEST_MS = 500;

/** The schedule of a page in a browser. */
export const pageSchedule: Schedule = {
  frame(run) {
    let done = false;
    const once = () => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      run();
    };
    const timer = setTimeout(once, LATEST_MS);
    requestAnimationFrame(once);
  },
  idle: (run) => void setTimeout(run),
  now: () => performance.now(),
};
