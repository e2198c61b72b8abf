import { expect, test } from 'vitest';
import { type Exchange, responseOf } from '../../src/exchange.ts';
import type { CallMark } from '../../src/har/types.ts';
import {
  askClient,
  entry,
  newClient,
  newPage,
  newProxy,
  newSession,
} from '../helpers/running-client.ts';

/** Marks what was answered with an error. */
async function marksOf({ request, outcome }: Exchange): Promise<readonly CallMark[]> {
  const { status = 0 } = responseOf(outcome) ?? {};
  return status < 400 ? [] : [{ kind: 'differs', words: [`${request.method} ${status}`] }];
}

const wrong = (path: string) => entry({ url: `http://api.test${path}`, response: { status: 500 } });

test('a client that compares calls marks them in the list and in their entries', async () => {
  const client = await newClient({ marksOf });
  const page = await newPage(client);
  const proxy = await newProxy(client);
  await proxy.push(await entry(), await wrong('/b'));
  const [good, bad] = await page.shows(2);
  expect(good).not.toHaveProperty('marks');
  expect(bad).toMatchObject({ n: 2, marks: ['differs'] });
  const headers = { authorization: `Bearer ${client.token}` };
  const read = async (n: number) =>
    JSON.parse((await askClient(client, `/api/exchanges/${n}`, { headers })).text);
  expect(await read(1)).not.toHaveProperty('_marks');
  expect((await read(2))._marks).toEqual([{ kind: 'differs', words: ['GET 500'] }]);
});

test('marks that a proxy has made are kept, with or without marks of the client', async () => {
  const _marks: CallMark[] = [{ kind: 'missed', words: ['No.'] }];
  for (const options of [{}, { marksOf }]) {
    const client = await newClient(options);
    const page = await newPage(client);
    const proxy = await newProxy(client);
    await proxy.push({ ...(await wrong('/a')), _marks });
    expect(await page.shows(1)).toMatchObject([{ marks: ['missed'] }]);
  }
});

test('a mark that is none ends the connection', async () => {
  const client = await newClient();
  const proxy = await newProxy(client);
  const exchange = { ...(await entry()), _marks: [{ kind: 'good', words: [] }] };
  proxy.send({ type: 'exchange', seq: 1, exchange });
  expect(await proxy.closed).toMatchObject({ code: 1008 });
});

test('calls that are compared keep their order, and none is lost or repeated after a reconnect', async () => {
  const client = await newClient({
    async marksOf(exchange) {
      // Some calls take longer than others.
      for (let turn = exchange.seq % 3; turn > 0; turn -= 1)
        await new Promise((resolve) => setImmediate(resolve));
      return marksOf(exchange);
    },
  });
  const page = await newPage(client);
  const session = newSession();
  const all = await Promise.all(Array.from({ length: 60 }, (_, at) => wrong(`/${at}`)));
  const first = await newProxy(client, session);
  for (const [at, exchange] of all.slice(0, 40).entries())
    first.send({ type: 'exchange', seq: at + 1, exchange });
  const second = await newProxy(client, session);
  await second.push(...all.slice(second.last));
  const rows = await page.shows(60);
  expect(rows.map(({ url }) => new URL(url).pathname)).toEqual(all.map((_, at) => `/${at}`));
  expect(rows.every(({ marks }) => marks?.[0] === 'differs')).toBe(true);
});

test('exports do not have marks', async () => {
  const client = await newClient({ marksOf });
  const proxy = await newProxy(client);
  await proxy.push(await wrong('/a'));
  const headers = { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ rows: 'all' });
  const { text } = await askClient(client, '/api/har', { method: 'POST', headers, body });
  expect(JSON.parse(text).log.entries).toHaveLength(1);
  expect(text).not.toContain('_marks');
});
