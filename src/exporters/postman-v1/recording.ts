import { collectionDefaults } from '../../analysis/options.ts';
import { digest } from '../../content-id.ts';
import type { Recording } from '../../exchange.ts';
import { jsonAt } from '../../json/indented.ts';
import type { GivenOptions } from '../exporter.ts';
import { asCollection } from '../source.ts';
import { PLAIN } from './plain.ts';
import { type V1Request, v1CollectionId, v1Request } from './request.ts';

/** Writes a recording's requests without responses, with literal hosts. */
export async function* recordingTexts(
  recording: Recording,
  given: GivenOptions,
): AsyncGenerator<string> {
  const { dedupe = collectionDefaults.dedupe, name } = given;
  const id = v1CollectionId(name);
  const order: string[] = [];
  const seen = new Set<string>();
  let timestamp = 0;
  yield `{\n\t"id": ${JSON.stringify(id)},\n\t"name": ${JSON.stringify(name)},\n\t"requests": [`;
  for await (const event of asCollection(recording, { ...given, ...PLAIN }).read()) {
    if (event.kind !== 'item') continue;
    const { item } = event;
    const request = v1Request({ startedAt: 0, id: '', ...item }, id);
    const key = sameness(request);
    if (dedupe && seen.has(key)) continue;
    seen.add(key);
    if (order.length === 0) timestamp = request.timestamp;
    order.push(request.id);
    yield `${order.length === 1 ? '' : ','}\n${jsonAt(2, request)}`;
  }
  // Members that depend on all requests come last, so that no request is kept in memory.
  const rest = jsonAt(0, { order, folders: [], timestamp, synced: false });
  yield `${order.length === 0 ? '' : '\n\t'}],${rest.slice(1)}\n`;
}

/** PostmanProxy's rule: requests with equal method, mode, data and URL are recorded once, whatever their headers. */
function sameness({ method, dataMode, data, rawModeData, url }: V1Request): string {
  return digest(JSON.stringify([method, dataMode, data, rawModeData, url]));
}
