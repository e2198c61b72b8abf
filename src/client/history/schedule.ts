/** When the page does its work. */
export type Schedule = {
  /** Runs this once before the next picture is drawn; in a hidden page, now and then. */
  frame(run: () => void): void;
  /** Runs this as soon as the page has done what else it has to do. */
  idle(run: () => void): void;
  /** Milliseconds that only grow. */
  now(): number;
};

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
