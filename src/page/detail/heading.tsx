import type { CallMark, Row } from '../../sync/wire/page-events.ts';
import { copyCurl, copyText, exportHar } from '../actions.ts';
import { useApp } from '../app.ts';
import { resultOf, sizeText } from '../history/traits.ts';
import { Button } from '../parts/button.tsx';
import { formatDuration } from '../parts/format.ts';
import {
  BackIcon,
  CloseIcon,
  CommandIcon,
  CopyIcon,
  DownloadIcon,
  SaveIcon,
} from '../parts/icons.tsx';
import { Text } from '../parts/text.tsx';
import { CallMarks } from './call-marks.tsx';

type Props = {
  readonly row: Row;
  /** Rows have long URLs with an ellipsis, the entry has the whole URL. */
  readonly url: string;
  /** What the marks of the row say, once that has arrived. */
  readonly marks?: readonly CallMark[] | undefined;
  readonly onClose: () => void;
};

/** What a call is and what became of it, with buttons. */
export function Heading({ row, url, marks, onClose }: Props) {
  const app = useApp();
  return (
    <header class="heading">
      <div class="heading-bar">
        <Button class="back" label="Back" icon={<BackIcon />} keys="Escape" onPress={onClose} />
        <p class={`facts result-${resultOf(row)}`}>
          <span class={`method method-${row.method.toLowerCase()}`}>
            <Text value={row.method} />
          </span>
          <Outcome row={row} />
          <span>{sizeText(row)}</span>
        </p>
        <Button
          label="Copy URL"
          icon={<CopyIcon />}
          iconOnly
          onPress={() => void copyText(app, url, 'URL copied')}
        />
        {row.n > 0 && <Actions row={row} />}
        <Button
          class="close"
          label="Close"
          icon={<CloseIcon />}
          iconOnly
          keys="Escape"
          onPress={onClose}
        />
      </div>
      <p class="url">
        <Text value={url} />
      </p>
      {row.fault !== undefined && (
        <p class="fault">
          <Text value={row.fault} />
        </p>
      )}
      {row.marks && <CallMarks kinds={row.marks} marks={marks} />}
    </header>
  );
}

function Outcome({ row }: { readonly row: Row }) {
  const { outcome, status, stream } = row;
  const hasStatus = outcome === 'completed' || outcome === 'running';
  return (
    <>
      <span class="status">{hasStatus ? status : outcome}</span>
      <span class={outcome === 'running' ? 'running' : ''}>
        {stream === undefined ? formatDuration(row.durationMs) : stateOf(row)}
      </span>
    </>
  );
}

function stateOf({ outcome, stream }: Row): string {
  if (outcome !== 'running') return 'the proxy disconnected';
  return stream?.ended ? 'ended' : 'running';
}

function Actions({ row }: { readonly row: Row }) {
  const app = useApp();
  return (
    <>
      <Button
        label="Copy as curl"
        icon={<CommandIcon />}
        iconOnly
        onPress={() => void copyCurl(app, [row.n])}
      />
      <Button
        label="Save to a collection"
        icon={<SaveIcon />}
        iconOnly
        onPress={() => app.dialog.set({ kind: 'save', rows: [row.n] })}
      />
      <Button
        label="Export HAR"
        icon={<DownloadIcon />}
        iconOnly
        onPress={() => void exportHar(app, [row.n])}
      />
    </>
  );
}
