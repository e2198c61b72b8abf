import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { caseFile, convertedTo, exchangesIn, harEntry } from '../helpers/cases.ts';
import { itemsIn } from '../helpers/collections.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { newFolder } from '../helpers/folder.ts';
import { renderFormat, runScript } from '../helpers/scripts.ts';

test('a request of another program gets a Host header in the script and the collection', async () => {
  const script = await convertedTo('curl', 'imported-host/in.har');
  expect(script).not.toContain("-H 'Host:'");
  const collection = JSON.parse(await convertedTo('postman', 'imported-host/in.har'));
  const [item] = itemsIn(collection);
  expect(item?.protocolProfileBehavior?.disabledSystemHeaders).not.toHaveProperty('host');
});

test('a server that requires a host answers the script with 200', async () => {
  const { origin, seen } = await startEchoServer();
  const har = (await readFile(caseFile('imported-host/in.har'), 'utf8')).replaceAll(
    'http://127.0.0.1:7734',
    origin,
  );
  const exchanges = await exchangesIn(JSON.parse(har).log.entries);
  const script = await renderFormat('curl', exchanges);
  const { code, stdout } = await runScript(await newFolder(), script);
  expect([code, String(stdout)]).toEqual([0, 'seen']);
  expect(seen.map(({ target }) => target)).toEqual(['/a']);
  expect(seen[0]?.headers).toContainEqual(['Host', new URL(origin).host]);
});

test.each([
  ['http://a.test:8080/x', 'HTTP/1.1', 'a.test:8080'],
  ['https://[::1]:81/', 'HTTP/1.0', '[::1]:81'],
  ['https://u:p@a.test/', '', 'a.test'],
  ['https://a.test/', 'h2', undefined],
  ['https://a.test/', 'HTTP/3', undefined],
])('the host of %s over %s is %s', async (url, httpVersion, host) => {
  const [exchange] = await exchangesIn([harEntry({ request: { url, httpVersion } })]);
  expect(exchange?.request.headers).toEqual(host === undefined ? [] : [['Host', host]]);
});

test('a request that pmproxy recorded without a host is sent without one', async () => {
  const own = [harEntry({ _outcome: { kind: 'completed' } })];
  const [exchange] = await exchangesIn(own);
  expect(exchange?.request.headers).toEqual([]);
  expect(await convertedTo('curl', own)).toContain("-H 'Host:'");
});
