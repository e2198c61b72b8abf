import { useMemo } from 'preact/hooks';
import type { HarEntry } from '../../sync/wire/page-events.ts';
import { PartList } from '../streams/part-list.tsx';
import { messageParts } from './call.ts';

/** The messages of a gRPC call in the order in which they arrived, its status, and what could not be read. */
export function CallTab({ entry }: { readonly entry: HarEntry }) {
  const { _grpc: call } = entry;
  const parts = useMemo(() => messageParts(call), [call]);
  const { status, notes = [] } = call ?? {};
  return (
    <div class="messages">
      {status && (
        <p class={status.code === 0 ? 'quiet' : 'warning'}>
          {status.name}
          {status.message ? `: ${status.message}` : ''}
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="warning">
          {note}
        </p>
      ))}
      {parts.length === 0 ? (
        <p class="quiet">There were no messages.</p>
      ) : (
        <PartList parts={parts} label="Messages" />
      )}
    </div>
  );
}
