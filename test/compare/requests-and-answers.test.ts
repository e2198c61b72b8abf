import { expect, test } from 'vitest';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { findingLine } from '../../src/compare/finding.ts';
import type { Header } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

const JSON_LINE: Header = ['Content-Type', 'application/json'];

async function findings(old: ExchangeParts, now: ExchangeParts): Promise<string[]> {
  const [before, after] = [old, now].map((parts) => recordingOf([exchange(parts)]));
  return (await compareRecordings(before!, after!)).findings.map(findingLine);
}

const redirect = (...locations: string[]): ExchangeParts => ({
  url: 'http://a.test/go',
  response: { status: 302, headers: locations.map((location) => ['Location', location]) },
});

test('a redirect that leads nowhere any more is told', async () => {
  expect(await findings(redirect('/login'), redirect())).toEqual([
    'GET /go response 302 Location: /login, now none',
  ]);
});

test('a token without digits in the target of a redirect is no difference', async () => {
  const old = redirect('/verify/kJhGfDsAqWeRtYuIoPlKj');
  expect(await findings(old, redirect('/verify/QwErTyUiOpAsDfGhJkLzX'))).toEqual([]);
});

test('the number of elements in indexed parameters, and how names are encoded, are no difference', async () => {
  const asked = (query: string): ExchangeParts => ({ url: `http://a.test/list?${query}` });
  const old = asked('ids[0]=1&ids[1]=2&f%5Bname%5D=x');
  expect(await findings(old, asked('ids[0]=1&ids[1]=2&ids[2]=3&f[name]=x'))).toEqual([]);
  expect(await findings(old, asked('ids[0]=1&f[nick]=x'))).toEqual([
    'GET /list query f[name]: sent, now gone',
    'GET /list query f[nick]: is new: sent',
  ]);
});

test('the fields of a multipart form are compared, whatever its boundary', async () => {
  const form = (name: string, boundary: string): ExchangeParts => ({
    url: 'http://a.test/form',
    headers: [['Content-Type', `multipart/form-data; boundary=${boundary}`]],
    body: `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n1\r\n--${boundary}--\r\n`,
  });
  expect(await findings(form('size', 'one'), form('size', 'two'))).toEqual([]);
  expect(await findings(form('size', 'one'), form('width', 'two'))).toEqual([
    'POST /form form field size: sent, now gone',
    'POST /form form field width: is new: sent',
  ]);
});

test('a request body that is not sent any more, or that is new, is told', async () => {
  const bare: ExchangeParts = { url: 'http://a.test/x', method: 'POST' };
  const sent = { ...bare, headers: [JSON_LINE], body: '{"a":1}' };
  expect(await findings(sent, bare)).toEqual([
    'POST /x request content type: application/json, now none',
  ]);
  expect(await findings(bare, sent)).toEqual([
    'POST /x request content type: none, now application/json',
  ]);
});

test('an answer that says to be JSON and is empty, or is something else, is told', async () => {
  const answered = (body: string, ...lines: Header[]): ExchangeParts => ({
    url: 'http://a.test/x',
    response: { headers: [JSON_LINE, ...lines], ...(body !== '' && { body }) },
  });
  const old = answered('{"a":1}');
  expect(await findings(old, answered('', ['Content-Length', '0']))).toEqual([
    'GET /x response 200 $: object, now nothing',
  ]);
  expect(await findings(old, answered('oops'))).toEqual([
    'GET /x response 200 $: object, now not JSON',
  ]);
  // A body that was not kept, and one that a variable made invalid.
  expect(await findings(old, answered('', ['Content-Length', '7']))).toEqual([]);
  expect(await findings(answered('{"a":{{pin}}}'), old)).toEqual([]);
});

test('the status of a gRPC call is compared', async () => {
  const call = (status: string): ExchangeParts => ({
    url: 'http://a.test/shop.Orders/Get',
    method: 'POST',
    response: {
      headers: [
        ['Content-Type', 'application/grpc'],
        ['grpc-status', status],
      ],
    },
  });
  expect(await findings(call('0'), call('5'))).toEqual([
    'POST /shop.Orders/Get response 200 grpc-status: 0, now 5',
  ]);
});

test('control characters of a recording do not reach the terminal', async () => {
  const evil = { url: 'http://a.test/x\u001b[2Jy?\u202ename=1' };
  expect(await findings({ url: 'http://a.test/x' }, evil)).toEqual([
    'GET /x: is no longer called',
    'GET /x%1B[2Jy: is new: it was not called before',
  ]);
});
