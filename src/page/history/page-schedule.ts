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
    const late = () => {
      // A picture that is late comes all the same, and after the scrolling that it is to show.
      if (document.hidden) once();
      else timer = setTimeout(late, LATEST_MS);
    };
    let timer = setTimeout(late, LATEST_MS);
    requestAnimationFrame(once);
  },
  idle: (run) => void setTimeout(run),
  now: () => performance.now(),
};
