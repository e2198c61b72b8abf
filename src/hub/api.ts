import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientState, rowSelection } from '../sync/wire/page-events.ts';
import type { Access } from './access.ts';
import type { Exports } from './collections.ts';
import type { History } from './history/history.ts';
import { readBody } from './request-body.ts';
import { respond, respondError, respondStream } from './responses.ts';

export type ApiOptions = {
  readonly access: Access;
  readonly history: History;
  readonly exports: Exports;
  readonly state: () => ClientState;
  /** Handles a request below `/api/interceptor/`. */
  readonly interceptorApi: Api;
};

const selectionRules = {
  /** A selection of 100,000 rows is smaller. */
  maxBytes: 4 * 1024 * 1024,
  expected: 'Write {"rows": [1, 2]} or {"rows": "all"}.',
  tooLarge: 'Too many rows selected.',
};

/** Handles a request below `/api/`. */
export type Api = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<void>;

/** Creates the HTTP API that page-events.ts describes. */
export function createApi({ access, history, exports, state, interceptorApi }: ApiOptions): Api {
  const getEntry = async (response: ServerResponse, row: number) => {
    const json = await history.entry(row);
    if (json === undefined) respondError(response, 404, `Call ${row} no longer exists.`);
    else respond(response, 200, 'application/json', json);
  };
  const exportRows = async (
    request: IncomingMessage,
    response: ServerResponse,
    format: keyof Exports,
  ) => {
    const read = await readBody(request, rowSelection, selectionRules);
    if ('error' in read) {
      respondError(response, read.status, read.error);
      return;
    }
    const { rows } = read.body;
    const { mediaType, fileName, render } = exports[format];
    const head = {
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${fileName}"`,
    };
    await history.withEntries(rows, (entries) => respondStream(response, head, render(entries)));
  };
  return async (request, response, path) => {
    const forInterceptor = /^\/api\/interceptor\/(\w*)$/.exec(path)?.[1];
    if (forInterceptor !== undefined) return interceptorApi(request, response, forInterceptor);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const may = isRead ? access.mayRead(request) : access.mayWrite(request);
    const row = /^\/api\/exchanges\/(\d{1,15})$/.exec(path)?.[1];
    const format = /^\/api\/(har|curl)$/.exec(path)?.[1] as keyof Exports | undefined;
    const isKnown = path === '/api/state' || row !== undefined || format !== undefined;
    if (!may) respondError(response, 403, 'Open the address that pmproxy printed.');
    else if (!isKnown) respondError(response, 404, `There is nothing at ${path}.`);
    else if (isRead === (format !== undefined) || (!isRead && request.method !== 'POST')) {
      response.setHeader('allow', format === undefined ? 'GET, HEAD' : 'POST');
      respondError(response, 405, `${request.method} is not for ${path}.`);
    } else if (format !== undefined) await exportRows(request, response, format);
    else if (row !== undefined) await getEntry(response, Number(row));
    else respond(response, 200, 'application/json', JSON.stringify(state()));
  };
}
