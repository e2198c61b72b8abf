import { copyCurl, exportHar } from '../actions.ts';
import { useApp } from '../app.ts';
import { Button } from '../parts/button.tsx';
import { formatCount } from '../parts/format.ts';
import { CloseIcon, CopyIcon, DownloadIcon, SaveIcon } from '../parts/icons.tsx';
import { useObservable } from '../parts/use-observable.ts';

/** The actions for ticked calls. Hidden while no call is ticked. */
export function BulkBar() {
  const app = useApp();
  const { selection } = app;
  useObservable(selection.ticking);
  const { size } = selection.ticked;
  if (size === 0) return null;
  // In order of arrival, not in the order of ticking.
  const rows = () => [...selection.ticked].sort((a, b) => a - b);
  return (
    <div class="bulk-bar" role="toolbar" aria-label="Ticked calls">
      <p>
        <b>{formatCount(size)}</b> ticked
      </p>
      <Button
        label="Save to collection…"
        icon={<SaveIcon />}
        kind="primary"
        onPress={() => app.dialog.set({ kind: 'save', rows: rows() })}
      />
      <Button
        label="Export HAR"
        icon={<DownloadIcon />}
        onPress={() => void exportHar(app, rows())}
      />
      <Button label="Copy as curl" icon={<CopyIcon />} onPress={() => void copyCurl(app, rows())} />
      <span class="spring" />
      <Button label="Untick all" icon={<CloseIcon />} iconOnly onPress={selection.untickAll} />
    </div>
  );
}
