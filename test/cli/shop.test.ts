import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { newPlace, type Place, startSave } from '../helpers/cli.ts';
import { type Collection, endpointsIn, itemsIn, operationsIn } from '../helpers/collections.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';
import { type Shop, shopKeys, startShop } from '../helpers/shop.ts';
import { type VisitOptions, visitShop } from '../helpers/shop-visit.ts';
import { deadPort } from '../helpers/upstream.ts';

/** Records a visit with the real binary; gives the file's text and the secrets that were handed out. */
async function recordVisit(
  place: Place,
  shop: Shop,
  args: readonly string[],
  visit?: VisitOptions,
): Promise<{ text: string; secrets: string[] }> {
  const cli = await startSave(place, ['-o', 'shop.json', ...args]);
  const secrets = await visitShop(cli, shop.url, visit);
  const { code, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(0);
  return { text: await place.read('shop.json'), secrets };
}

/** What a person fills in: the values of the variables that no script does. */
function environmentFor({ variable }: Collection): Record<string, string> {
  const known: readonly [RegExp, string][] = [
    [/^password$/, shopKeys.guess],
    [/^password_2$/, shopKeys.password],
    [/^email/, shopKeys.email],
    [/api_?key/, shopKeys.apiKey],
  ];
  const blank = variable.filter(({ value }) => value === '').map(({ key }) => key);
  return Object.fromEntries(
    blank.flatMap((key) =>
      known.filter(([name]) => name.test(key)).map(([, value]) => [key, value]),
    ),
  );
}

const held = (text: string, secrets: readonly string[]) =>
  [...secrets, ...Object.values(shopKeys)].filter((secret) => text.includes(secret));

test('a recorded visit succeeds again in a restarted shop, with the collection alone', async () => {
  const shop = await startShop(await deadPort());
  const place = await newPlace();
  const { text, secrets } = await recordVisit(place, shop, ['--secrets', 'redact', '--tests']);
  expect(held(text, secrets)).toEqual([]);
  expect(text).toContain('/products?except={{product_id}},{{product_id_2}}"');
  expect(text).toContain('/uploads/{{upload_id}}.json"');
  const environment = environmentFor(JSON.parse(text));

  let open = shop;
  for (const runner of runnerNames) {
    await open.close();
    open = await startShop(shop.port);
    await runCollection(runner, place.path('shop.json'), environment);
  }
}, 240_000);

test('with --secrets env the environment holds the credentials of the user, but no token of the recording', async () => {
  const shop = await startShop();
  const place = await newPlace();
  const { text, secrets } = await recordVisit(place, shop, ['--secrets', 'env', '--tests']);
  const environment = await place.read('shop.postman_environment.json');
  expect(held(text, secrets)).toEqual([]);
  const [token = '', , csrf = ''] = secrets;
  expect(held(environment, [token, csrf])).toEqual(Object.values(shopKeys));
});

test('with --shape endpoints the users are one item for each method, and the endpoints match OpenAPI', async () => {
  const shop = await startShop();
  const place = await newPlace();
  const args = ['--shape', 'endpoints', '-o', 'shop.openapi.yaml'];
  const { text } = await recordVisit(place, shop, args, { users: 6 });
  const collection = JSON.parse(text) as Collection;
  expect(endpointsIn(collection)).toEqual(
    operationsIn(parse(await place.read('shop.openapi.yaml'))),
  );
  const items = itemsIn(collection);
  const names = items.map(({ name }) => name).filter((name) => name.includes('/users'));
  expect(names).toEqual(['POST /users', 'GET /users/:userId', 'GET /users']);
});

test('a recording after a change of the server differs only where the server does', async () => {
  const shop = await startShop(await deadPort());
  const place = await newPlace();
  const { text: before } = await recordVisit(place, shop, ['--tests']);
  await shop.close();
  const changedShop = await startShop(shop.port);
  const { text: after } = await recordVisit(place, changedShop, ['--tests'], { users: 4 });
  const idsIn = (text: string) => itemsIn(JSON.parse(text) as Collection).map(({ id }) => id);
  const ids = idsIn(before);
  expect(idsIn(after).filter((id) => ids.includes(id))).toEqual(ids);

  const known = new Set(before.split('\n'));
  const lines = after.split('\n');
  const changed = lines.filter((line) => !known.has(line));
  expect(changed.length / lines.length).toBeLessThan(0.06);
});
