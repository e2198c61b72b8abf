import { useMemo } from 'preact/hooks';
import type { Row } from '../../sync/wire/page-events.ts';
import { resultOf } from '../history/traits.ts';
import { type Column, columnClass, columnsIn } from './columns.tsx';
import type { Layout } from './layout.ts';

type Props = {
  readonly row: Row;
  /** Its index in the list, from 0. */
  readonly index: number;
  /** Pixels from the top. */
  readonly top: number;
  readonly layout: Layout;
  readonly active: boolean;
  readonly opened: boolean;
  readonly ticked: boolean;
};

/** One call as a line of the list. The list handles its events. */
export function CallRow(props: Props) {
  const { row, index, top, layout, active, opened, ticked } = props;
  // The same element again is not looked through for changes.
  return useMemo(() => <Line {...props} />, [row, index, top, layout, active, opened, ticked]);
}

function Line({ row, index, top, layout, active, opened, ticked }: Props) {
  return (
    <div
      role="row"
      class={`call result-${resultOf(row)}`}
      id={`call-${row.n}`}
      data-n={row.n}
      aria-rowindex={index + 2}
      aria-selected={ticked}
      aria-current={opened ? 'true' : undefined}
      tabIndex={active ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columnsIn(layout).map((column) => (
        <span
          key={column.name}
          role="gridcell"
          class={cellClass(column, row)}
          title={column.titleOf?.(row)}
        >
          {column.cell(row, ticked)}
        </span>
      ))}
    </div>
  );
}

function cellClass(column: Column, row: Row): string {
  const quiet = column.isQuiet ? ' quiet' : '';
  const own = column.classOf ? ` ${column.classOf(row)}` : '';
  return columnClass(column) + quiet + own;
}
