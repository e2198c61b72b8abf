import { useMemo } from 'preact/hooks';
import type { Row } from '../../sync/wire/page-events.ts';
import { addressOf, splitPath } from '../history/address.ts';
import { kindOf, resultOf, sizeText } from '../history/traits.ts';
import { formatDuration, formatTime } from '../parts/format.ts';
import { FailedIcon } from '../parts/icons.tsx';
import { visible } from '../parts/visible-text.ts';

type Props = {
  readonly row: Row;
  /** Its place in the list, from 0. */
  readonly place: number;
  /** Pixels from the top. */
  readonly top: number;
  readonly active: boolean;
  readonly opened: boolean;
  readonly ticked: boolean;
};

/** One call as a line of the list. What is done with it is told to the list by the event alone. */
export function CallRow({ row, place, top, active, opened, ticked }: Props) {
  // The same element again is not looked through for changes.
  return useMemo(
    () => (
      <Line row={row} place={place} top={top} active={active} opened={opened} ticked={ticked} />
    ),
    [row, place, top, active, opened, ticked],
  );
}

function Line({ row, place, top, active, opened, ticked }: Props) {
  const result = resultOf(row);
  const method = visible(row.method);
  return (
    <div
      role="row"
      class={`call result-${result}`}
      id={`call-${row.n}`}
      data-n={row.n}
      aria-rowindex={place + 2}
      aria-selected={ticked}
      aria-current={opened ? 'true' : undefined}
      tabIndex={active ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" class="tick">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={ticked}
          aria-label={`Tick ${method} ${visible(row.url)}`}
        />
      </span>
      <span role="gridcell" class={`method method-${method.toLowerCase()}`} title={method}>
        {method}
      </span>
      <span role="gridcell" class="status">
        <Status row={row} />
      </span>
      <Target row={row} />
      <span role="gridcell" class="started">
        {formatTime(row.startedAt)}
      </span>
      <span role="gridcell" class="kind">
        {kindText(row)}
      </span>
      <span role="gridcell" class="size">
        {sizeText(row)}
      </span>
      <span role="gridcell" class="duration">
        {formatDuration(row.durationMs)}
      </span>
    </div>
  );
}

function Status({ row }: { readonly row: Row }) {
  if (row.outcome === 'completed') return <>{row.status === 0 ? '–' : row.status}</>;
  const title = row.status === 0 ? row.fault : `${row.status}, then ${row.fault ?? row.outcome}`;
  return (
    <span class="broken" title={title && visible(title)}>
      <FailedIcon />
      {row.outcome}
    </span>
  );
}

function Target({ row }: { readonly row: Row }) {
  const { scheme, host, path } = addressOf(visible(row.url));
  const { head, tail, query } = splitPath(path);
  const secure = scheme === 'https' || scheme === 'wss';
  return (
    <span role="gridcell" class="target" title={visible(row.url)}>
      <span class="host">
        {!secure && scheme !== '' && <span class="scheme">{scheme}://</span>}
        {host}
      </span>
      <span class="path">
        <span class="head">{head}</span>
        {tail !== '' && <span class="tail">{tail}</span>}
        {query !== '' && <span class="query">{query}</span>}
      </span>
      {row.fault !== undefined && <span class="fault">{visible(row.fault)}</span>}
    </span>
  );
}

function kindText(row: Row): string {
  const kind = kindOf(row);
  return kind === 'none' ? '–' : kind;
}
