import { expect, test } from 'vitest';
import { headerValue, headerValues, responseOf } from '../../src/exchange.ts';
import { convertedTo, exchangesIn, harEntry } from '../helpers/cases.ts';

const cookieOf = async (request: object) => {
  const [exchange] = await exchangesIn([harEntry({ request })]);
  return headerValue(exchange?.request.headers ?? [], 'cookie');
};

test('cookies that are only in the cookie list are sent', async () => {
  const [exchange] = await exchangesIn('har-cookies-only/in.har');
  expect(exchange?.request.headers).toContainEqual(['Cookie', 'JSESSIONID=0123456789ABCDEF']);
  const file = 'har-cookies-only/in.har';
  const sent = 'JSESSIONID=0123456789ABCDEF';
  expect(await convertedTo('curl', file)).toContain(`-H 'Cookie: ${sent}'`);
  expect(await convertedTo('http', file)).toContain(`Cookie: ${sent}`);
  expect(await convertedTo('postman', file, { restrictedHeaders: true })).toContain(sent);
});

test('an empty postData is not a body', async () => {
  const [exchange] = await exchangesIn('har-cookies-only/in.har');
  expect(exchange?.request).not.toHaveProperty('body');
});

test('several cookies are sent as one line', async () => {
  const cookies = [
    { name: 'a', value: '1' },
    { name: 'b', value: null },
    { name: 'c', value: 3 },
  ];
  expect(await cookieOf({ cookies })).toBe('a=1; b=; c=3');
});

test('a Cookie header takes precedence over the list', async () => {
  const headers = [{ name: 'cookie', value: 'a=1' }];
  expect(await cookieOf({ headers, cookies: [{ name: 'a', value: '2' }] })).toBe('a=1');
});

test('an invalid list means no cookies', async () => {
  expect(await cookieOf({ cookies: { a: 1 } })).toBeUndefined();
});

test('cookies that are only in the list of the response become headers of the response', async () => {
  const cookies = [
    { name: 'sid', value: 'x', path: '/', domain: 'a.test', httpOnly: true, secure: true },
    { name: 'lang', value: 'en', expires: '2030-01-01T00:00:00.000Z', sameSite: 'Lax' },
  ];
  const [exchange] = await exchangesIn([harEntry({ response: { cookies } })]);
  const headers = (exchange && responseOf(exchange.outcome)?.headers) ?? [];
  expect(headerValues(headers, 'set-cookie')).toEqual([
    'sid=x; Path=/; Domain=a.test; HttpOnly; Secure',
    'lang=en; Expires=Tue, 01 Jan 2030 00:00:00 GMT; SameSite=Lax',
  ]);
});

test.each([
  ['text that is empty', { mimeType: 'text/plain', text: '' }, -1, undefined],
  ['no text', { mimeType: 'text/plain' }, 0, undefined],
  ['no fields', { mimeType: 'text/plain', params: [] }, -1, undefined],
  ['a text that was not kept', { mimeType: 'text/plain', text: '' }, 512, { size: 512, cut: true }],
])('postData with %s is not a body unless one was sent', async (_, postData, bodySize, expected) => {
  const request = { method: 'POST', postData, bodySize };
  const [exchange] = await exchangesIn([harEntry({ request })]);
  if (expected === undefined) expect(exchange?.request.body).toBeUndefined();
  else expect(exchange?.request.body).toMatchObject(expected);
});
