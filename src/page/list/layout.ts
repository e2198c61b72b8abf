/** The layouts of a call. A narrower list has fewer columns, and the narrowest one has two lines for each call. */
export type Layout = 'wide' | 'medium' | 'compact' | 'two-lines';

/** Pixels. */
export const HEAD_HEIGHT = 28;
const ROW_HEIGHT = 28;
const TWO_LINES_HEIGHT = 52;

/** The layout of a list with this width in pixels. */
export function layoutFor(width: number): Layout {
  if (width >= 1000) return 'wide';
  if (width > 760) return 'medium';
  return width >= 560 ? 'compact' : 'two-lines';
}

/** The height of a call, in pixels. */
export function rowHeightOf(layout: Layout): number {
  return layout === 'two-lines' ? TWO_LINES_HEIGHT : ROW_HEIGHT;
}
