import { expect, test } from 'vitest';
import { type Nameable, requestName } from '../../src/collection/names.ts';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;

function named(parts: Partial<Nameable>): string {
  return requestName({ method: 'POST', path: '/api', headers: [JSON_TYPE], ...parts });
}

test('a request is called after its method and path', () => {
  expect(named({ method: 'GET', path: '/users/:userId' })).toBe('GET /users/:userId');
  expect(named({ method: 'GET', path: '' })).toBe('GET /');
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
])('GraphQL %s is called %s', (text, name) => {
  expect(named({ text })).toBe(name);
});

test('JSON-RPC is called after its method', () => {
  expect(named({ text: '{"jsonrpc":"2.0","method":"cart.add","id":1}' })).toBe('cart.add');
  expect(named({ text: '{"jsonrpc":"1.0","method":"cart.add"}' })).toBe('POST /api');
});

test('what only looks like a call is called after its path', () => {
  const text = '{"jsonrpc":"2.0","method":"cart.add"}';
  expect(named({ text, headers: [['Content-Type', 'text/plain']] })).toBe('POST /api');
  expect(named({ text: `{"operationName":"${'x'.repeat(101)}"}` })).toBe('POST /api');
});

const ENVELOPE =
  '<s:Envelope><s:Header/><s:Body>\n<m:GetPrice><m:Item>1</m:Item></m:GetPrice></s:Body></s:Envelope>';

test.each([
  [[['SOAPAction', '"http://shop.test/stock#GetStock"']], 'GetStock'],
  [[['SOAPAction', '"urn:shop:stock:GetStock"']], 'GetStock'],
  [[['SOAPAction', '""']], 'GetPrice'],
  [[['Content-Type', 'application/soap+xml; action="http://shop.test/GetStock"']], 'GetStock'],
  [[['Content-Type', 'application/soap+xml']], 'GetPrice'],
] as const)('SOAP with %j is called %s', (headers, name) => {
  expect(named({ headers, text: ENVELOPE })).toBe(name);
});
