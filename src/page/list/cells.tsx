import type { Row } from '../../sync/wire/page-events.ts';
import { useApp } from '../app.ts';
import { addressOf, splitPath } from '../history/address.ts';
import { FailedIcon } from '../parts/icons.tsx';
import { MarkSign } from '../parts/mark.tsx';
import { visible } from '../parts/visible-text.ts';
import { allTicked } from '../selection.ts';

/** The box that ticks a call. The list handles the click, for the whole cell. */
export function Tick({ row, ticked }: { readonly row: Row; readonly ticked: boolean }) {
  return (
    <input
      type="checkbox"
      tabIndex={-1}
      checked={ticked}
      disabled={row.n < 0}
      aria-label={`Tick ${visible(row.method)} ${visible(row.url)}`}
    />
  );
}

/** The box in the head that ticks every call that the filter shows. */
export function TickAll() {
  const { history, selection } = useApp();
  const { view } = history;
  const all = allTicked(selection.ticked, view);
  return (
    <input
      type="checkbox"
      aria-label="Select all calls that are shown"
      title="Select all calls that are shown"
      checked={all}
      indeterminate={!all && selection.ticked.size > 0}
      disabled={view.length === 0}
      onChange={() => selection.tickShown(view)}
    />
  );
}

/** The status, and how the call compares with recordings. */
export function StatusAndMarks({ row }: { readonly row: Row }) {
  if (row.marks === undefined) return <Status row={row} />;
  return (
    <span class="marked">
      <span class="outcome">
        <Status row={row} />
      </span>
      {row.marks.map((kind) => (
        <MarkSign key={kind} kind={kind} />
      ))}
    </span>
  );
}

/** The status of the response, or how the call ended without a complete one. */
function Status({ row }: { readonly row: Row }) {
  if (row.outcome === 'running') {
    return (
      <span class="running" title={row.stream?.ended ? 'Ended' : 'Running'}>
        {row.status}
      </span>
    );
  }
  if (row.outcome === 'completed') return <>{row.status === 0 ? '–' : row.status}</>;
  const title = row.status === 0 ? row.fault : `${row.status}, then ${row.fault ?? row.outcome}`;
  return (
    <span class="broken" title={title && visible(title)}>
      <FailedIcon />
      {row.outcome}
    </span>
  );
}

/** Host and path, of which the end of the path is cut last, and why the call failed. */
export function Target({ row }: { readonly row: Row }) {
  const { scheme, host, path } = addressOf(visible(row.url));
  const { head, tail, query } = splitPath(path);
  const secure = scheme === 'https' || scheme === 'wss';
  return (
    <>
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
    </>
  );
}
