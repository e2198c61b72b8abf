import { expect, test } from 'vitest';
import { newPlace, type Place, startSave } from '../helpers/cli.ts';
import type { Collection } from '../helpers/collections.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';
import { type Shop, shopKeys, startShop } from '../helpers/shop.ts';
import { type VisitOptions, visitShop } from '../helpers/shop-visit.ts';

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
    [/^password$/, shopKeys.password],
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

test('a recorded visit passes again in a shop that was started anew, with the file alone', async () => {
  const shop = await startShop();
  const place = await newPlace();
  const { text } = await recordVisit(place, shop, ['--tests']);
  const environment = environmentFor(JSON.parse(text));

  let open = shop;
  for (const runner of runnerNames) {
    await open.close();
    open = await startShop(shop.port);
    await runCollection(runner, place.path('shop.json'), environment);
  }
}, 120_000);
