/** The rows of a long list that are drawn. */
export type RowRange = {
  /** The index of the first row, and the index after the last one. */
  readonly from: number;
  readonly to: number;
};

/** The number of rows that are drawn on either side of those in view. */
const AROUND = 8;

/**
 * Computes which rows are drawn: those in view and some on either side, so that scrolling does not show gaps. All lengths
 * are in pixels.
 */
export function rowsInView(
  scrollTop: number,
  height: number,
  rowHeight: number,
  length: number,
): RowRange {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + height) / rowHeight);
  const to = Math.min(length, last + AROUND);
  return { from: Math.max(0, Math.min(first - AROUND, to)), to };
}

/** The largest number of rows that are drawn at once. */
export function slotsFor(height: number, rowHeight: number): number {
  return Math.ceil(height / rowHeight) + 1 + 2 * AROUND;
}

/** The scroll position at which a row is completely in view; the current one when it is already. */
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
