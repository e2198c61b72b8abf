import type { Schedule } from './history.ts';

/** A hidden page draws nothing, but its title shows the number of calls. */
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
    const late = () => {
      // A frame that is late is drawn all the same, after the scrolling that it has to show.
      if (document.hidden) once();
      else timer = setTimeout(late, LATEST_MS);
    };
    let timer = setTimeout(late, LATEST_MS);
    requestAnimationFrame(once);
  },
  idle: (run) => void setTimeout(run),
  now: () => performance.now(),
};
