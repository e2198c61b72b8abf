import { digest } from '../../collection/identifiers.ts';
import type { Recording } from '../../exchange.ts';
import { type Exporter, exportDefaults, type GivenOptions } from '../exporter.ts';
import { collectionEvents } from '../postman-model/events.ts';
import { jsonAt } from '../postman-model/json.ts';
import { type V1Request, v1CollectionId, v1Request } from './request.ts';

/** The ancestor's file, as PostmanProxy 0.1 saved it: requests without answers, hosts written out. */
export const postmanV1: Exporter = {
  id: 'postman-v1',
  endings: ['.postman_collection'],
  about: 'Collection v1, as PostmanProxy wrote it',
  render,
};

async function* render(recording: Recording, given: GivenOptions): AsyncGenerator<string> {
  const { dedupe = exportDefaults.dedupe, name } = given;
  const id = v1CollectionId(name);
  const order: string[] = [];
  const seen = new Set<string>();
  let timestamp = 0;
  yield `{\n\t"id": ${JSON.stringify(id)},\n\t"name": ${JSON.stringify(name)},\n\t"requests": [`;
  for await (const event of collectionEvents(recording, { ...given, ...PLAIN })) {
    if (event.kind !== 'item') continue;
    const request = v1Request(event.item, id);
    const key = sameness(request);
    if (dedupe && seen.has(key)) continue;
    seen.add(key);
    if (order.length === 0) timestamp = request.timestamp;
    order.push(request.id);
    yield `${order.length === 1 ? '' : ','}\n${jsonAt(2, request)}`;
  }
  // What has to be known of all requests comes behind them, so that none is held.
  const rest = jsonAt(0, { order, folders: [], timestamp, synced: false });
  yield `${order.length === 0 ? '' : '\n\t'}],${rest.slice(1)}\n`;
}

/** What the format has no place for. */
const PLAIN = { variables: false, group: 'none', shape: 'requests', tests: false } as const;

/** The ancestor's rule: what agrees in method, mode, data and URL is recorded once, whatever its headers. */
function sameness({ method, dataMode, data, rawModeData, url }: V1Request): string {
  return digest(JSON.stringify([method, dataMode, data, rawModeData, url]));
}
