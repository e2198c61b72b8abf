import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import { entry, newClient, newPage, newProxy, newSession } from '../helpers/running-client.ts';

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i);

test('a page is sent the state, then all rows in batches, then live ones', async () => {
  const client = await newClient();
  const proxy = await newProxy(
    client,
    newSession({ name: 'shop', proxy: 'http://127.0.0.1:8080' }),
  );
  const call = await entry();
  await proxy.push(...Array(1200).fill(call));
  const page = await newPage(client);
  await page.shows(1200);
  const [first, ...others] = page.events;
  const batches = others.filter(({ type }) => type === 'rows');
  expect(first).toMatchObject({
    type: 'state',
    state: {
      connected: true,
      filters: {},
      clearedThrough: 0,
      command: `pmproxy sync --client ${client.captureUrl}`,
      sessions: [{ name: 'shop', online: true, proxy: 'http://127.0.0.1:8080' }],
    },
  });
  expect(batches.map((event) => event.type === 'rows' && [event.rows.length, event.more])).toEqual([
    [500, true],
    [500, true],
    [200, undefined],
  ]);
  await proxy.push(call);
  expect((await page.shows(1201)).map(({ n }) => n)).toEqual(upTo(1201));
});

test('a page that reconnects is sent the rows that it lacks, or all rows of another history', async () => {
  const client = await newClient();
  const proxy = await newProxy(client);
  await proxy.push(await entry(), await entry(), await entry());
  const first = await newPage(client);
  const { history } = await first.state(() => true);
  const places = async (start: Parameters<typeof newPage>[1], count: number) =>
    (await (await newPage(client, start)).shows(count)).map(({ n }) => n);
  expect(await places({ after: 2, history }, 1)).toEqual([3]);
  expect(await places({ after: 2 }, 1)).toEqual([3]);
  expect(await places({ after: 2, history: 'another' }, 3)).toEqual([1, 2, 3]);
  expect(await places({ after: 99 }, 3)).toEqual([1, 2, 3]);
});

test('fifty pages show the same rows, and recording does not wait for any of them', async () => {
  const client = await newClient();
  const pages = await Promise.all(upTo(50).map(() => newPage(client)));
  const proxy = await newProxy(client);
  const call = await entry();
  await proxy.push(...Array(300).fill(call));
  for (const page of pages) expect((await page.shows(300)).map(({ n }) => n)).toEqual(upTo(300));
});

test('a page that stops reading is disconnected, without an effect on other pages or the proxy', async () => {
  const client = await newClient({ stalledMs: 300 });
  const stalled = await newPage(client);
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await page.state(() => true);
  stalled.socket.pause();
  // Rows as long as they can be, until no buffer of the system takes more.
  const call = await entry({ url: `http://api.test/${'x'.repeat(3800)}` });
  const isDropped = () => client.notices.some(({ kind }) => kind === 'stalled');
  let sent = 0;
  for (; !isDropped() && sent < 20_000; sent += 250) await proxy.push(...Array(250).fill(call));
  await eventually(() => expect(isDropped()).toBe(true));
  stalled.socket.resume();
  expect(await stalled.closed).toMatchObject({ code: 1006 });
  expect((await page.shows(sent)).length).toBe(sent);
}, 300_000);

test('clearing empties the history for every page, and row numbers and sessions continue', async () => {
  const history = join(await newFolder(), 'kept');
  const client = await newClient({ history });
  const session = newSession();
  const proxy = await newProxy(client, session);
  const pages = [await newPage(client), await newPage(client)] as const;
  await proxy.push(await entry(), await entry());
  await pages[1].shows(2);
  pages[0].send({ type: 'clear' });
  for (const page of pages) expect(await page.next('cleared')).toMatchObject({ through: 2 });
  await proxy.push(await entry({ url: 'http://api.test/after' }));
  await pages[1].shows(3);
  const late = await newPage(client);
  expect(await late.shows(1)).toMatchObject([{ n: 3, url: 'http://api.test/after' }]);
  expect((await late.state(() => true)).clearedThrough).toBe(2);
  await expect(readFile(join(history, 'entries-1.ndjson'))).rejects.toThrow('ENOENT');
  await client.close();

  const again = await newClient({ history });
  expect((await newProxy(again, session)).last).toBe(3);
  expect(await (await newPage(again)).shows(1)).toMatchObject([{ n: 3 }]);
  expect(await readFile(join(history, 'entries-3.ndjson'), 'utf8')).toContain('/after');
});

test('a page that sends an invalid message is disconnected, and only that one', async () => {
  const client = await newClient();
  const other = await newPage(client);
  for (const text of [
    '{',
    '{"type":"explode"}',
    '{"type":"save","collection":"../x","rows":"all"}',
  ]) {
    const page = await newPage(client);
    page.send(text);
    expect(await page.closed).toMatchObject({ code: 1008 });
  }
  await (await newProxy(client)).push(await entry());
  await other.shows(1);
});

test('when the client is stopping, every connection is told so', async () => {
  const client = await newClient();
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await page.state(({ sessions }) => sessions.length === 1);
  await client.close();
  expect(await page.closed).toMatchObject({ code: 1001 });
  expect(await proxy.closed).toMatchObject({ code: 1001 });
});

test('a connection that does not answer pings is terminated', async () => {
  const client = await newClient({ heartbeatMs: 250 });
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await page.state(({ sessions }) => sessions[0]?.online === true);
  proxy.socket.pause();
  await page.state(({ sessions }) => sessions[0]?.online === false);
  await eventually(() => expect(page.socket.readyState).toBe(page.socket.OPEN));
});
