import { expect } from 'vitest';
import { newPlace, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { type Collection, itemsIn } from '../helpers/collections.ts';
import { httpUpstream } from '../helpers/upstream.ts';

type Call = { readonly path: string; readonly headers: readonly string[]; readonly body: string };

const rpc = (method: string, ...params: unknown[]): Call => ({
  path: '/rpc',
  headers: ['Content-Type: application/json'],
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
});

const envelope = (version: string, action: string) =>
  `<s:Envelope xmlns:s="${version}"><s:Body><${action} xmlns="http://shop.test/"/></s:Body></s:Envelope>`;

const soap11 = (action: string): Call => ({
  path: '/stock.asmx',
  headers: ['Content-Type: text/xml; charset=utf-8', `SOAPAction: "http://shop.test/${action}"`],
  body: envelope('http://schemas.xmlsoap.org/soap/envelope/', 'Request'),
});

const soap12 = (action: string): Call => ({
  path: '/stock.asmx',
  headers: [
    `Content-Type: application/soap+xml; charset=utf-8; action="http://shop.test/Stock/${action}"`,
  ],
  body: envelope('http://www.w3.org/2003/05/soap-envelope', 'Request'),
});

const calls = [
  rpc('cart.add', 'lamp'),
  rpc('cart.list'),
  rpc('cart.add', 'chair'),
  soap11('GetStock'),
  soap11('Reserve'),
  soap12('Release'),
];

/** One run of curl for all calls. */
function curlArgs(url: string): string[] {
  return calls.flatMap(({ path, headers, body }, index) => [
    ...(index === 0 ? [] : ['--next']),
    ...['-sS', '--data-binary', body, ...headers.flatMap((line) => ['-H', line]), url + path],
  ]);
}

testWith('curl', '--version')(
  'calls to one URL are named after the called method and become separate endpoints',
  async () => {
    const upstream = await httpUpstream((_, response) => response.end());
    const place = await newPlace();
    const outputs = ['-o', 'calls.json', '-o', 'calls.har'];
    const saved = await runCli(place, [
      'save',
      ...outputs,
      '--',
      'curl',
      ...curlArgs(upstream.url),
    ]);
    expect(saved.code, saved.stderr).toBe(0);
    const args = ['convert', 'calls.har', '-o', 'endpoints.json', '--shape', 'endpoints'];
    const converted = await runCli(place, args);
    expect(converted.code, converted.stderr).toBe(0);

    const itemsOf = async (name: string) => itemsIn(await place.json<Collection>(name));
    const sent = await itemsOf('calls.json');
    const soap = ['GetStock', 'Reserve', 'Release'];
    const named = sent.map(({ name }) => name);
    expect(named).toEqual(['cart.add', 'cart.list', 'cart.add', ...soap]);
    expect(sent.map(({ request }) => request.body)).toMatchObject(
      calls.map(({ body }) => ({ mode: 'raw', raw: body })),
    );
    const endpoints = await itemsOf('endpoints.json');
    expect(endpoints.map(({ name }) => name)).toEqual(['cart.add', 'cart.list', ...soap]);
  },
  60_000,
);
