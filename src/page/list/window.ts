/** The part of a long list that is in view. */
export type Window = {
  /** The index of the first row, and the first one beyond. */
  readonly from: number;
  readonly to: number;
};

/** Rows that are drawn on either side of those in view. */
const AROUND = 8;

/**
 * Which rows of equal height are to be drawn: those in view and some on either side, so that scrolling does not show
 * gaps. All lengths in pixels.
 */
export function windowOf(
  scrollTop: number,
  height: number,
  rowHeight: number,
  length: number,
): Window {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + height) / rowHeight);
  const to = Math.min(length, last + AROUND);
  return { from: Math.max(0, Math.min(first - AROUND, to)), to };
}

/** How many rows a window has at most. */
export function slotsFor(height: number, rowHeight: number): number {
  return Math.ceil(height / rowHeight) + 1 + 2 * AROUND;
}

/** Where to scroll to so that a row is whole in view; the same position when it is already. */
export function scrollTopFor(
  index: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}
