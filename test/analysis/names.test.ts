import { expect, test } from 'vitest';
import { calledName, requestName } from '../../src/analysis/naming/names.ts';
import type { Header } from '../../src/exchange.ts';

const JSON_TYPE: Header = ['Content-Type', 'application/json'];

function named(text: string, headers: readonly Header[] = [JSON_TYPE]): string {
  return requestName('POST', '/api', calledName(headers, text));
}

test('a request is named after its method and path', () => {
  expect(requestName('GET', '/users/:userId', undefined)).toBe('GET /users/:userId');
  expect(requestName('GET', '', undefined)).toBe('GET /');
});

test.each([
  ['{"query":"query Product($id: ID!) { product(id: $id) { name } }"}', 'Product'],
  ['{"query":"# a note\\nmutation Buy { buy { id } }"}', 'Buy'],
  ['{"query":"query A { a } query B { b }","operationName":"B"}', 'B'],
  ['{"operationName":"Persisted","extensions":{"persistedQuery":{}}}', 'Persisted'],
  ['[{"query":"query A { a }"},{"query":"query B { b }"}]', 'A and 1 more'],
  ['{"query":"{ product { name } }"}', 'POST /api'],
  ['{"query":"query of the day"}', 'POST /api'],
  ['{"query":"', 'POST /api'],
])('GraphQL %s is named %s', (text, name) => {
  expect(named(text)).toBe(name);
});

test('JSON-RPC is named after its method', () => {
  expect(named('{"jsonrpc":"2.0","method":"cart.add","id":1}')).toBe('cart.add');
  expect(named('{"jsonrpc":"1.0","method":"cart.add"}')).toBe('POST /api');
});

test('a body that only resembles a call is named after its path', () => {
  const text = '{"jsonrpc":"2.0","method":"cart.add"}';
  expect(named(text, [['Content-Type', 'text/plain']])).toBe('POST /api');
  expect(named(`{"operationName":"${'x'.repeat(101)}"}`)).toBe('POST /api');
});

const ENVELOPE =
  '<s:Envelope><s:Header/><s:Body>\n<m:GetPrice><m:Item>1</m:Item></m:GetPrice></s:Body></s:Envelope>';

test.each([
  [[['SOAPAction', '"http://shop.test/stock#GetStock"']], 'GetStock'],
  [[['SOAPAction', '"urn:shop:stock:GetStock"']], 'GetStock'],
  [[['SOAPAction', '""']], 'GetPrice'],
  [[['Content-Type', 'application/soap+xml; action="http://shop.test/GetStock"']], 'GetStock'],
  [[['Content-Type', 'application/soap+xml']], 'GetPrice'],
] as const)('SOAP with %j is named %s', (headers, name) => {
  expect(named(ENVELOPE, headers)).toBe(name);
});
