import type { HarEntry, Row } from '../../sync/wire/page-events.ts';
import { useApp } from '../app.ts';
import { formatDate, formatDuration } from '../parts/format.ts';
import { FactTable } from './fact-table.tsx';
import { type TimingPart, timingParts } from './timing-parts.ts';

/** The phases of an exchange and their durations. */
export function TimingsTab({ entry, row }: { readonly entry: HarEntry; readonly row: Row }) {
  const { client } = useApp();
  const parts = timingParts(entry);
  const session = client.get()?.sessions.find(({ id }) => id === row.session);
  const { timings, serverIPAddress, connection, request, response } = entry;
  const facts = [
    ['Started', formatDate(row.startedAt)],
    ['Took', formatDuration(entry.time)],
    ['TLS handshake', (timings.ssl ?? -1) >= 0 ? formatDuration(timings.ssl ?? 0) : ''],
    ['Request', request.httpVersion],
    ['Answer', response.httpVersion],
    ['Server address', serverIPAddress ?? ''],
    ['Connection', connection ?? ''],
    ['Recorded by', session?.name ?? ''],
  ].flatMap(([name = '', value = '']) => (value === '' ? [] : [{ name, value }]));
  return (
    <>
      {parts.length > 0 && <Parts parts={parts} />}
      <FactTable title="Facts" facts={facts} />
    </>
  );
}

function Parts({ parts }: { readonly parts: readonly TimingPart[] }) {
  const whole = Math.max(...parts.map(({ from, length }) => from + length), 0.001);
  return (
    <table class="timings" aria-label="Where the time went">
      <tbody>
        {parts.map(({ id, name, from, length }) => (
          <tr key={id}>
            <th scope="row">{name}</th>
            <td class="stretch">
              <svg width="100%" height="12" aria-hidden="true">
                <rect
                  class={`part-${id}`}
                  x={`${(from / whole) * 100}%`}
                  y="2"
                  height="8"
                  width={`${Math.max(0.5, (length / whole) * 100)}%`}
                  rx="1"
                />
              </svg>
            </td>
            <td class="duration">{formatDuration(length)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
