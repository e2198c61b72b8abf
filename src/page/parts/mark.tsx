import type { CallMark } from '../../sync/wire/page-events.ts';
import { DiffersIcon, MissedIcon, TickIcon } from './icons.tsx';

const MARKS = {
  answered: { Icon: TickIcon, meaning: 'The recording answers this call' },
  missed: { Icon: MissedIcon, meaning: 'The recording has no answer to this call' },
  differs: { Icon: DiffersIcon, meaning: 'This call differs from the recording' },
} as const;

/** How a call compares with a recording, as a sign that is also read out. */
export function MarkSign({ kind }: { readonly kind: CallMark['kind'] }) {
  const { Icon, meaning } = MARKS[kind];
  return (
    <span class={`mark-sign mark-${kind}`} title={meaning}>
      <Icon />
      <span class="unseen">{kind}</span>
    </span>
  );
}

/** What a mark means, in a sentence. */
export function markMeaning(kind: CallMark['kind']): string {
  return MARKS[kind].meaning;
}
