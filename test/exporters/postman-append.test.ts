import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Header } from '../../src/exchange.ts';
import type { Collection, Item } from '../helpers/collections.ts';
import { appended, attachments, renderText } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';
import { fc } from '../helpers/properties.ts';

const url = (path: string, origin = 'http://api.test') => `${origin}${path}`;

/** Renders, edits as JSON, and writes it in some layout. */
function edited(
  text: string,
  edit: (collection: Collection) => void,
  indent: string | number = '\t',
) {
  const collection = JSON.parse(text);
  edit(collection);
  return `${JSON.stringify(collection, null, indent)}\n`;
}

function parsed(text: string): Collection {
  return JSON.parse(text);
}

/** As the app exports a collection: no ids of items, other spellings of the same request. */
function exportedByPostman(collection: Collection): void {
  for (const item of collection.item as unknown as Record<string, unknown>[]) {
    delete item['id'];
    const request = item['request'] as Record<string, unknown>;
    request['header'] = (request['header'] as object[]).map((header) => ({
      ...header,
      type: 'text',
    }));
    for (const example of item['response'] as Record<string, unknown>[]) {
      delete example['id'];
      example['cookie'] = [];
    }
  }
  Object.assign(collection.info, { _exporter_id: '12345' });
}

test('new requests are appended at the end, in the style of the file', async () => {
  const before = await renderText([exchange({ url: url('/a') })]);
  const both = [exchange({ url: url('/a') }), exchange({ url: url('/b') })];
  expect(await appended(before, await renderText(both))).toBe(await renderText(both));

  const wide = edited(before, () => {}, 4).replaceAll('\n', '\r\n');
  const result = await appended(wide, await renderText(both));
  expect(result).toBe(edited(await renderText(both), () => {}, 4).replaceAll('\n', '\r\n'));
});

test('a new response becomes another example of the existing item, and a known one does not', async () => {
  const answered = (...bodies: string[]) =>
    renderText(bodies.map((body) => exchange({ response: { body, headers: [['Date', body]] } })));
  const again = await renderText([
    exchange({ response: { body: 'one', headers: [['Date', 'later']] } }),
    exchange({ response: { body: 'two', headers: [['Date', 'two']] } }),
  ]);
  const result = await appended(await answered('one'), again);
  expect(result).toBe(await answered('one', 'two'));
  expect(await appended(result, again)).toBe(result);
});

test('an item without a list of examples gets one', async () => {
  const rendered = await renderText([exchange()]);
  const before = edited(rendered, ({ item }) => delete (item[0] as Partial<Item>).response);
  expect(parsed(await appended(before, rendered))).toEqual(parsed(rendered));
});

test('a request that a person changed is recognised by its id', async () => {
  const rendered = await renderText([exchange({ url: url('/a') })]);
  const before = edited(rendered, ({ item }) => {
    item[0]!.name = 'List';
    item[0]!.request.header.push({ key: 'X-Mine', value: '1' });
    item[0]!.request.url.raw = '{{baseUrl}}/a?page=2';
  });
  expect(await appended(before, rendered)).toBe(before);
});

test('a collection that Postman exported without ids is recognised by its requests and responses', async () => {
  const { attach } = attachments();
  const rendered = await renderText(
    [
      exchange({ url: url('/a'), response: { body: 'x' } }),
      exchange({ url: url('/a'), method: 'DELETE', response: { status: 204 } }),
      exchange({
        url: url('/form'),
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'a=1&b=2',
      }),
      exchange({ url: url('/bytes'), body: Buffer.from([0, 1, 2]) }),
    ],
    { attach },
  );
  const before = edited(rendered, exportedByPostman);
  expect(await appended(before, rendered)).toBe(before);
});

test('ids are recognised inside the ids that Postman makes of them', async () => {
  const rendered = await renderText([exchange()]);
  const before = edited(rendered, ({ item }) => {
    Object.assign(item[0]!, { uid: `12345-${item[0]!.id}`, id: 'another' });
    item[0]!.request.method = 'PUT';
  });
  expect(await appended(before, rendered)).toBe(before);
});

describe('folders', () => {
  test('contain items that were moved into them', async () => {
    const rendered = await renderText([exchange({ url: url('/a') }), exchange({ url: url('/b') })]);
    const before = edited(rendered, (collection) => {
      const [a, b] = collection.item;
      Object.assign(collection, {
        item: [{ name: 'outer', item: [b, { name: 'inner', item: [a] }] }],
      });
    });
    expect(await appended(before, rendered)).toBe(before);
    const answered = await renderText([exchange({ url: url('/a'), response: { body: 'new' } })]);
    const result = JSON.parse(await appended(before, answered));
    expect(result.item[0].item[1].item[0].response).toHaveLength(2);
  });

  test('new items go into the folder of the same name, new folders come whole', async () => {
    const rendered = await renderText(
      ['/1', '/2', '/3'].map((path) => exchange({ url: url(path) })),
    );
    const [one, two, three] = parsed(rendered).item;
    const withItems = (...item: unknown[]) =>
      edited(rendered, (collection) => Object.assign(collection, { item }));
    const before = withItems(
      { name: 'Users', item: [{ name: 'Deep', item: [] }, one] },
      { name: 'Deep', item: [] },
    );
    const incoming = withItems(
      { name: 'Users', item: [one, { name: 'Deep', item: [two] }] },
      { name: 'Other', item: [{ name: 'Deep', item: [three, one] }] },
      { name: 'Known', item: [one] },
    );
    expect(await appended(before, incoming)).toBe(
      withItems(
        { name: 'Users', item: [{ name: 'Deep', item: [two] }, one] },
        { name: 'Deep', item: [] },
        { name: 'Other', item: [{ name: 'Deep', item: [three] }] },
      ),
    );
  });
});

describe('variables', () => {
  test('a host keeps its existing variable', async () => {
    const a = exchange({ url: 'https://a.test/1' });
    const before = await renderText([a]);
    const both = await renderText([a, exchange({ url: 'https://b.test/1' })]);
    const { variable, item } = parsed(await appended(before, both));
    expect(variable).toEqual([
      { key: 'baseUrl', value: 'https://a.test' },
      { key: 'b_test', value: 'https://b.test' },
    ]);
    expect(item.map(({ request }) => request.url.raw)).toEqual(['{{baseUrl}}/1', '{{b_test}}/1']);
  });

  test('a baseUrl of another origin is not reused', async () => {
    const before = await renderText([
      exchange({ url: 'https://a.test/1', response: { body: '{{baseUrl}}' } }),
    ]);
    const rendered = await renderText([
      exchange({ url: 'https://b.test/1', response: { body: '{{baseUrl}}' } }),
    ]);
    const result = await appended(before, rendered);
    const { variable, item } = parsed(result);
    expect(variable.map(({ key }) => key)).toEqual(['baseUrl', 'b_test']);
    expect(item[1]!.request.url).toMatchObject({ raw: '{{b_test}}/1', host: ['{{b_test}}'] });
    expect(item[1]!.response[0]!.originalRequest.url.raw).toBe('{{b_test}}/1');
    expect(item[1]!.response[0]!.body).toBe('{{baseUrl}}');
    expect(await appended(result, rendered)).toBe(result);
    // Under its new name it is the item that a rendering of both would have written.
    const direct = parsed(
      await renderText([
        exchange({ url: 'https://x.test/' }),
        exchange({ url: 'https://b.test/1', response: { body: '{{baseUrl}}' } }),
      ]),
    );
    expect(item[1]).toEqual(direct.item[1]);
  });

  test('a value that a person changed is kept and used', async () => {
    const before = edited(
      await renderText([exchange({ url: 'https://a.test/1' })]),
      ({ variable }) => {
        variable[0]!.value = 'https://staging.test/';
      },
    );
    const staging = await renderText([exchange({ url: 'https://staging.test/1' })]);
    expect(await appended(before, staging)).toBe(before);
    const { variable } = parsed(
      await appended(before, await renderText([exchange({ url: 'https://a.test/1' })])),
    );
    expect(variable).toEqual([
      { key: 'baseUrl', value: 'https://staging.test/' },
      { key: 'a_test', value: 'https://a.test' },
    ]);
  });

  test('a host that was written out, or has a path in its variable, is the same request', async () => {
    const rendered = await renderText([exchange({ url: 'https://a.test/v1/x' })]);
    const plain = await renderText([exchange({ url: 'https://a.test/v1/x' })], {
      variables: false,
    });
    expect(await appended(plain, rendered)).toBe(plain);
    const withPath = edited(rendered, ({ item, variable }) => {
      variable[0]!.value = 'https://a.test/v1';
      item[0]!.request.url.raw = '{{baseUrl}}/x';
      item[0]!.id = 'changed';
    });
    expect(await appended(withPath, rendered)).toBe(withPath);
  });

  test('a secret keeps its existing name and value, and is declared where it is new', async () => {
    const headers: Header[] = [['Authorization', 'Bearer t0ken']];
    const before = await renderText([exchange({ url: url('/a') })]);
    const rendered = await renderText([exchange({ url: url('/b'), headers })]);
    const result = await appended(before, rendered);
    expect(parsed(result).variable).toEqual([
      { key: 'baseUrl', value: 'http://api.test' },
      { key: 'bearer_token', value: '' },
    ]);
    const filled = edited(result, ({ variable }) => {
      variable[1]!.value = 'mine';
    });
    expect(await appended(filled, rendered)).toBe(filled);
  });

  test('a secret that is called as a host is there gets another name', async () => {
    const headers: Header[] = [['Authorization', 'Bearer t0ken']];
    const before = edited(await renderText([exchange({ url: url('/a') })]), ({ variable }) => {
      variable.push({ key: 'bearer_token', value: 'http://tokens.test' });
    });
    const rendered = await renderText([exchange({ url: url('/b'), headers })]);
    const { item, variable } = parsed(await appended(before, rendered));
    expect(item[1]!.request.header[0]!.value).toBe('Bearer {{bearer_token_2}}');
    expect(variable.at(-1)).toEqual({ key: 'bearer_token_2', value: '' });
  });

  test('are added only when a new request needs them', async () => {
    const headers: Header[] = [['Authorization', 'Bearer t0ken']];
    const rendered = await renderText([exchange({ headers })]);
    const before = edited(rendered, ({ variable }) => variable.pop());
    expect(await appended(before, rendered)).toBe(before);
  });
});

describe('where a collection says for all who asks', () => {
  const asked = (path: string, token?: string) =>
    exchange({ url: url(path), headers: token ? [['Authorization', `Bearer ${token}`]] : [] });

  test('its requests are recognised, also without ids', async () => {
    const all = [asked('/a', 't'), asked('/b', 't')];
    const before = await renderText(all, { sharedAuth: true });
    expect(before).not.toContain('"Authorization"');
    expect(await appended(before, await renderText(all))).toBe(before);
    const exported = edited(before, exportedByPostman);
    expect(await appended(exported, await renderText(all))).toBe(exported);
  });

  test('new requests have their own auth and do not inherit another', async () => {
    const before = await renderText([asked('/a', 't'), asked('/b', 't')], { sharedAuth: true });
    const rendered = await renderText([asked('/c', 'other'), asked('/a')]);
    const result = await appended(before, rendered);
    const added = parsed(result).item.slice(2) as Item[];
    expect(added.map(({ request }) => request)).toMatchObject([
      { header: [{ key: 'Authorization' }], auth: { type: 'noauth' } },
      { header: [], auth: { type: 'noauth' } },
    ]);
    expect(await appended(result, rendered)).toBe(result);
  });
});

test('an endpoint is recognised by its path, whatever its parameters', async () => {
  const calls = (...ids: number[]) =>
    renderText(
      ids.map((id) =>
        exchange({
          url: url(`/users/${id}`),
          method: 'PUT',
          body: `{"n":${id}}`,
          response: { body: `{"n":${id}}`, headers: [['Content-Type', 'application/json']] },
        }),
      ),
      { shape: 'endpoints' },
    );
  const before = await calls(1, 2);
  const [item] = parsed(await appended(before, await calls(3, 4))).item as Item[];
  expect(parsed(await appended(before, await calls(3, 4))).item).toHaveLength(1);
  expect(item!.request.url.raw).toBe('{{baseUrl}}/users/:userId');
});

test.each([
  ['it is not JSON', '{'],
  ['it has no "info" or no list of "item"', '{"info":{"schema":"v2.1.0"}}'],
  ['it has no "info" or no list of "item"', '[]'],
  ['it has no "info" or no list of "item"', '{"info":{},"item":[1]}'],
  ['its "info" names no schema', '{"info":{},"item":[]}'],
  ['it is of version 2.0.0', '{"info":{"schema":"https://x/v2.0.0/"},"item":[]}'],
])('a file that is not a collection is refused: %s', async (reason, existing) => {
  const rendered = await renderText([exchange()]);
  const append = appended(existing, rendered, 'api.json');
  await expect(append).rejects.toThrow(UserError);
  await expect(append).rejects.toThrow(
    `Cannot append to api.json: it is not a Postman collection v2.1.0 (${reason}).`,
  );
});

describe('for any two recordings', () => {
  const headers: fc.Arbitrary<Header[]> = fc.array(
    fc.constantFrom<Header>(['X-A', '{{baseUrl}}'], ['Authorization', 'Bearer s'], ['x-a', '']),
    { maxLength: 2 },
  );
  const any = fc
    .record({
      url: fc
        .tuple(
          fc.constantFrom('http://a.test', 'https://b.test:81'),
          fc.constantFrom('', '/', '/x?y', '/é"'),
        )
        .map((parts) => parts.join('')),
      headers,
      body: fc.constantFrom('', 'a', '{{x}}', '{"a":1}'),
      response: fc.record({
        body: fc.constantFrom('', '1', '2', '\0'),
        headers: fc.constantFrom<Header[]>([], [['Date', 'now']]),
      }),
    })
    .map((parts) => exchange(parts));
  const recording = fc.array(any, { maxLength: 6 });
  const layout = fc.constantFrom('\t', 2, 0);

  test('appending existing requests changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(recording, layout, fc.boolean(), async (exchanges, indent, dedupe) => {
        const rendered = await renderText(exchanges, { dedupe });
        const before = edited(rendered, () => {}, indent);
        expect(await appended(before, rendered)).toBe(before);
      }),
    );
  });

  test('every existing character is kept, and a second append adds nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        recording,
        recording,
        layout,
        fc.string(),
        async (first, second, indent, mine) => {
          const before = edited(
            await renderText(first),
            (collection) => {
              Object.assign(collection, { mine, auth: { type: 'noauth' } });
              Object.assign(collection.info, { description: mine });
              for (const item of collection.item) item.name = mine;
              collection.item.reverse();
            },
            indent,
          );
          const rendered = await renderText(second);
          const result = await appended(before, rendered);
          expect(isSubsequence(before, result)).toBe(true);
          expect(await appended(result, rendered)).toBe(result);
          expect(parsed(result).item.slice(0, parsed(before).item.length)).toMatchObject(
            parsed(before).item.map(({ response: _, ...item }) => item),
          );
        },
      ),
    );
  });
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (part.startsWith(character, at)) at += character.length;
  return at === part.length;
}
