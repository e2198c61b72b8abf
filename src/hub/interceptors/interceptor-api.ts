import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { describeError } from '../../errors.ts';
import { cookieRequest, pairRequest, proveRequest } from '../../sync/wire/interceptor.ts';
import type { Access } from '../access.ts';
import { readBody } from '../request-body.ts';
import { respond, respondError } from '../responses.ts';
import type { InterceptorConnections } from './interceptor-connections.ts';
import type { PairingCodes } from './pairing-codes.ts';
import type { Pairings } from './pairings.ts';

export type InterceptorApiOptions = {
  readonly access: Access;
  /** The port of this client. */
  readonly port: number;
  readonly codes: PairingCodes;
  readonly pairings: Pairings;
  readonly connections: InterceptorConnections;
};

/** Who may send a request: our page or command, the extension, or the extension with its token. */
type Caller = 'ours' | 'extension' | 'paired';

type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of the paired extension; empty for other callers. */
  readonly pairing: string;
};

type Route = { readonly caller: Caller; readonly handle: (call: Call) => Promise<void> };

/** Creates the HTTP API below `/api/interceptor/`, which interceptor.ts of the wire describes. */
export function createInterceptorApi(options: InterceptorApiOptions) {
  const { access, port, codes, pairings, connections } = options;
  const revoke = async (pairing: string | undefined) => {
    const revoked = await pairings.remove(pairing);
    connections.revoke(pairing);
    return { revoked };
  };
  const routes: Readonly<Record<string, Route>> = {
    code: { caller: 'ours', handle: async ({ response }) => send(response, codes.issue()) },
    revoke: {
      caller: 'ours',
      handle: async ({ response }) => send(response, await revoke(undefined)),
    },
    pair: {
      caller: 'extension',
      handle: (call) =>
        withBody(call, pairRequest, async ({ code, name }) => {
          if (codes.redeem(code)) send(call.response, await pairings.add(name));
          else respondError(call.response, 403, wrongCode);
        }),
    },
    prove: {
      caller: 'extension',
      handle: (call) =>
        withBody(call, proveRequest, async ({ id, nonce }) => {
          const proof = await pairings.prove(id, nonce, port);
          if (proof !== undefined) send(call.response, { proof });
          else respondError(call.response, 404, 'This browser is not paired any more.');
        }),
    },
    unpair: {
      caller: 'paired',
      handle: async ({ response, pairing }) => send(response, await revoke(pairing)),
    },
    cookies: {
      caller: 'ours',
      handle: (call) =>
        withBody(call, cookieRequest, async (asked) => {
          try {
            send(call.response, await connections.ask(asked));
          } catch (error) {
            respondError(call.response, 502, describeError(error));
          }
        }),
    },
  };
  const callerOf = async (request: IncomingMessage, { caller }: Route) => {
    if (caller === 'ours') return access.mayWrite(request) ? '' : undefined;
    if (!access.isInterceptor(request)) return undefined;
    if (caller === 'extension') return '';
    const token = access.tokenOf(request);
    return token === undefined ? undefined : pairings.find(token);
  };
  return async (request: IncomingMessage, response: ServerResponse, name: string) => {
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (route === undefined) {
      respondError(response, 404, `There is nothing at /api/interceptor/${name}.`);
      return;
    }
    const pairing = await callerOf(request, route);
    if (pairing === undefined)
      respondError(response, 403, 'Pair the Interceptor with this client.');
    else if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      respondError(response, 405, `${request.method} is not for /api/interceptor/${name}.`);
    } else await route.handle({ request, response, pairing });
  };
}

const wrongCode = 'The code is wrong or no longer valid. For a new code, run: pmproxy interceptor';

const rules = {
  /** More than the largest cookie. */
  maxBytes: 64 * 1024,
  expected: 'The request is not valid.',
  tooLarge: 'The request is too large.',
};

async function withBody<T>(
  { request, response }: Call,
  schema: z.ZodType<T>,
  handle: (body: T) => Promise<void>,
): Promise<void> {
  const read = await readBody(request, schema, rules);
  if ('error' in read) respondError(response, read.status, read.error);
  else await handle(read.body);
}

function send(response: ServerResponse, value: object): void {
  respond(response, 200, 'application/json', JSON.stringify(value));
}
