import type { Row } from '../../sync/wire/page-events.ts';
import { formatCount } from '../parts/format.ts';
import { CompletionView } from './completion-view.tsx';
import type { PartLog } from './followed.ts';
import { PartList } from './part-list.tsx';

type Props = {
  readonly log: PartLog;
  readonly label: string;
  readonly version?: number;
  readonly stream?: Row['stream'];
};

/** The parts of a stream, and beside them the text of a language model. */
export function StreamView({ log, label, version = 0, stream }: Props) {
  const { parts, before, texts } = log;
  const dropped = stream?.dropped ?? 0;
  return (
    <div class={texts.length > 0 ? 'messages with-completion' : 'messages'}>
      {before > 0 && (
        <p class="warning">The first {formatCount(before)} are no longer kept while it runs.</p>
      )}
      {dropped > 0 && (
        <p class="warning">
          {formatCount(dropped)} arrived too fast to be shown. The recording has everything.
        </p>
      )}
      <div class="parts">
        {parts.length === 0 ? (
          <p class="quiet">Nothing has arrived yet.</p>
        ) : (
          <PartList parts={parts} before={before} version={version} label={label} />
        )}
      </div>
      {texts.length > 0 && <CompletionView texts={texts} />}
    </div>
  );
}
