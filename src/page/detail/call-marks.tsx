import type { CallMark } from '../../sync/wire/page-events.ts';
import { MarkSign, markMeaning } from '../parts/mark.tsx';
import { Text } from '../parts/text.tsx';

type Props = {
  /** The marks of the call. */
  readonly kinds: readonly CallMark['kind'][];
  /** The same with what they say, once that has arrived. */
  readonly marks: readonly CallMark[] | undefined;
};

/** How a call compares with recordings, and what differs. */
export function CallMarks({ kinds, marks }: Props) {
  return (
    <ul class="call-marks" aria-label="Compared with the recording">
      {kinds.map((kind) => (
        <li key={kind} class={`call-mark mark-${kind}`}>
          <MarkSign kind={kind} />
          <Words kind={kind} words={marks?.find((mark) => mark.kind === kind)?.words ?? []} />
        </li>
      ))}
    </ul>
  );
}

function Words({ kind, words }: CallMark) {
  const [only] = words;
  if (only === undefined || kind !== 'differs')
    return <p>{only === undefined ? `${markMeaning(kind)}.` : <Text value={only} />}</p>;
  return (
    <div>
      <p>{markMeaning(kind)}:</p>
      <ul class="differences">
        {words.map((line) => (
          <li key={line}>
            <Text value={line} />
          </li>
        ))}
      </ul>
    </div>
  );
}
