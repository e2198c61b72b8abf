import type { ComponentChildren } from 'preact';
import type { Row } from '../../sync/wire/page-events.ts';
import { kindOf, sizeText } from '../history/traits.ts';
import { formatDuration, formatTime } from '../parts/format.ts';
import { visible } from '../parts/visible-text.ts';
import { StatusAndMarks, Target, Tick, TickAll } from './cells.tsx';
import type { Layout } from './layout.ts';

/** A column of the list: its head, its width and its cells. */
export type Column = {
  /** The class of its head and its cells; in two lines, the grid area of the cell. */
  readonly name: string;
  readonly heading: string | (() => ComponentChildren);
  /** A track of a CSS grid in each layout that has the column. */
  readonly widths: Readonly<Partial<Record<Exclude<Layout, 'two-lines'>, string>>>;
  /** Whether the layout of two lines has the column, in the area of its name in call-row.css. */
  readonly inTwoLines: boolean;
  /** Numbers are aligned to the right. */
  readonly isNumber?: boolean;
  /** Less important text has a quiet colour. */
  readonly isQuiet?: boolean;
  /** Further classes of a cell. */
  readonly classOf?: (row: Row) => string;
  /** The whole text, for a cell that may be cut. */
  readonly titleOf?: (row: Row) => string;
  readonly cell: (row: Row, ticked: boolean) => ComponentChildren;
};

/** The columns, from the left. */
const COLUMNS: readonly Column[] = [
  {
    name: 'tick',
    heading: () => <TickAll />,
    widths: { wide: '32px', medium: '32px', compact: '32px' },
    inTwoLines: true,
    cell: (row, ticked) => <Tick row={row} ticked={ticked} />,
  },
  {
    name: 'method',
    heading: 'Method',
    widths: { wide: '72px', medium: '64px', compact: '60px' },
    inTwoLines: true,
    classOf: ({ method }) => `method-${visible(method).toLowerCase()}`,
    titleOf: ({ method }) => visible(method),
    cell: ({ method }) => visible(method),
  },
  {
    name: 'status',
    heading: 'Status',
    widths: { wide: '88px', medium: '84px', compact: '68px' },
    inTwoLines: true,
    cell: (row) => <StatusAndMarks row={row} />,
  },
  {
    name: 'target',
    heading: 'Host and path',
    widths: { wide: 'minmax(0, 1fr)', medium: 'minmax(0, 1fr)', compact: 'minmax(0, 1fr)' },
    inTwoLines: true,
    titleOf: ({ url }) => visible(url),
    cell: (row) => <Target row={row} />,
  },
  {
    name: 'started',
    heading: 'Started',
    widths: { wide: '72px' },
    inTwoLines: false,
    isNumber: true,
    isQuiet: true,
    cell: ({ startedAt }) => formatTime(startedAt),
  },
  {
    name: 'kind',
    heading: 'Type',
    widths: { wide: '60px', medium: '56px' },
    inTwoLines: false,
    isQuiet: true,
    cell: (row) => kindText(row),
  },
  {
    name: 'size',
    heading: 'Size',
    widths: { wide: '80px', medium: '72px', compact: '64px' },
    inTwoLines: true,
    isNumber: true,
    isQuiet: true,
    cell: sizeText,
  },
  {
    name: 'duration',
    heading: 'Time',
    widths: { wide: '80px', medium: '72px', compact: '64px' },
    inTwoLines: true,
    isNumber: true,
    isQuiet: true,
    cell: ({ durationMs, stream }) => (stream ? '…' : formatDuration(durationMs)),
  },
];

/** The columns that a layout has room for. */
export function columnsIn(layout: Layout): readonly Column[] {
  return COLUMNS.filter(({ widths, inTwoLines }) =>
    layout === 'two-lines' ? inTwoLines : widths[layout] !== undefined,
  );
}

/** The widths of the columns, as a CSS grid takes them; undefined where the lines have areas instead. */
export function trackSizes(layout: Layout): string | undefined {
  if (layout === 'two-lines') return undefined;
  return COLUMNS.flatMap(({ widths }) => widths[layout] ?? []).join(' ');
}

/** The classes that the head and the cells of a column share. */
export function columnClass({ name, isNumber }: Column): string {
  return isNumber ? `${name} number` : name;
}

function kindText(row: Row): string {
  const kind = kindOf(row);
  return kind === 'none' ? '–' : kind;
}
