import { expect } from 'vitest';
import type { Exchange, Header } from '../../src/exchange.ts';
import { isRestrictedHeader } from '../../src/http/restricted-headers.ts';
import type { SeenRequest } from './echo-server.ts';
import { exchange } from './exchanges.ts';
import { hardRequests } from './hard-requests.ts';

/** The hard requests as they were sent to a server. */
export function hardRequestsTo(origin: string): Exchange[] {
  return hardRequests.map(({ target, headers = [], ...rest }) =>
    exchange({
      ...rest,
      url: `${origin}${target}`,
      headers: [['Host', new URL(origin).host], ...headers],
    }),
  );
}

/** What a request says, with what a runner may write another way taken out. */
function said(method: string, target: string, headers: readonly Header[], body: Buffer) {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const boundary = /boundary=(.*)/.exec(type)?.[1];
  const without = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  const kept = headers
    .filter(([name]) => !isRestrictedHeader(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${without(value)}`)
    .sort();
  const isForm = /^application\/x-www-form-urlencoded/.test(type);
  const text = without(body.toString('latin1'));
  const isGraphql = /\/graphql/.test(target);
  const content = isForm
    ? [...new URLSearchParams(text)]
    : isGraphql
      ? JSON.parse(body.toString())
      : text;
  return { method, target, headers: kept, content };
}

/** Fails unless a server saw the requests of these exchanges, in their order. */
export async function expectSame(seen: readonly SeenRequest[], exchanges: readonly Exchange[]) {
  for (const [index, { request }] of exchanges.entries()) {
    const target = request.url.replace(/^http:\/\/[^/]*/, '');
    const body = Buffer.from((await request.body?.bytes()) ?? []);
    const got = seen[index];
    expect(got && said(got.method, got.target, got.headers, got.body)).toEqual(
      said(request.method, target, request.headers, body),
    );
  }
  expect(seen).toHaveLength(exchanges.length);
}
