import { useMemo } from 'preact/hooks';
import { EventStreamReader } from '../../sync/wire/event-stream.ts';
import type { HarEntry } from '../../sync/wire/page-events.ts';
import { keepParts } from '../streams/followed.ts';
import { StreamView } from '../streams/stream-view.tsx';
import { essenceOf, responseBody } from './body.ts';

/** Whether a call was answered with server-sent events that were kept. */
export function hasEvents(entry: HarEntry): boolean {
  const body = responseBody(entry);
  return body !== undefined && !body.base64 && essenceOf(body.mimeType) === 'text/event-stream';
}

/** The server-sent events of a call that has ended. */
export function EventsTab({ entry }: { readonly entry: HarEntry }) {
  const log = useMemo(() => {
    const kept = keepParts({ parts: 100_000, characters: 64_000_000 });
    const events = new EventStreamReader().read(responseBody(entry)?.text ?? '');
    kept.add(events.map((event) => ({ direction: 'received', size: event.data.length, event })));
    return kept;
  }, [entry]);
  return <StreamView log={log} label="Events" />;
}
