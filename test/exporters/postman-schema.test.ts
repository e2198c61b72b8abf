import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import sdk from 'postman-collection';
import { expect, test } from 'vitest';
import { anyExchange, anyText } from '../helpers/any-exchange.ts';
import { attachments, render, renderText } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';
import { fc, runs } from '../helpers/properties.ts';

const SCHEMA = fileURLToPath(
  new URL('../../../shared/schemas/postman-collection-v2.1.0.json', import.meta.url),
);
const schemaIsThere = existsSync(SCHEMA);
if (!schemaIsThere) process.stderr.write(`Skipped: validation, for want of ${SCHEMA}\n`);

/** The schema's complaints about a collection; none when it is valid. */
function complaints(collection: unknown): unknown {
  if (!schemaIsThere) return null;
  validate ??= new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')),
  );
  return validate(collection) ? null : validate.errors;
}
let validate: ReturnType<Ajv['compile']> | undefined;

const options = fc.record({
  name: anyText,
  restrictedHeaders: fc.boolean(),
  secrets: fc.constantFrom('redact' as const, 'env' as const, 'keep' as const),
  dedupe: fc.boolean(),
  variables: fc.boolean(),
});

test.skipIf(!schemaIsThere)('the schema refuses what is no collection', async () => {
  const collection = await render([exchange()]);
  expect(complaints({ ...collection, info: {} })).not.toBeNull();
  const [item] = collection.item;
  const response = [{ ...item!.response[0], code: '200' }];
  expect(complaints({ ...collection, item: [{ ...item, response }] })).not.toBeNull();
});

test('any recording gives a collection that the schema accepts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExchange, { maxLength: 6 }),
      options,
      fc.boolean(),
      async (exchanges, chosen, withFiles) => {
        const { attach } = attachments();
        const collection = await render(exchanges, { ...chosen, ...(withFiles ? { attach } : {}) });
        expect(complaints(collection)).toBeNull();
      },
    ),
    { numRuns: runs(500) },
  );
});

test('any recording gives a collection that the SDK loads, item by item', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyExchange, { maxLength: 4 }), async (exchanges) => {
      const written = await render(exchanges);
      const loaded = new sdk.Collection(written);
      expect(loaded.items.all()).toHaveLength(written.item.length);
      for (const [index, item] of loaded.items.all().entries()) {
        expect(item.responses.count()).toBe(written.item[index]!.response.length);
      }
    }),
  );
});

test('the parts of any URL are put together to what was recorded', async () => {
  const plain = fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
  });
  await fc.assert(
    fc.asyncProperty(plain, fc.option(plain), async (path, query) => {
      const clean = (value: string) => value.replace(/[#]/g, '');
      const target = `/${clean(path).replaceAll('?', '')}${query === null ? '' : `?${clean(query)}`}`;
      const recorded = exchange({ url: `http://a.test:81${target}` });
      const { item } = await render([recorded], { variables: false });
      const { url: written } = item[0]!.request;
      expect(written.raw).toBe(`http://a.test:81${target}`);
      expect(new sdk.Url(written).toString()).toBe(written.raw);
    }),
  );
});

test('rendered twice, any recording gives the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyExchange, { maxLength: 5 }),
      options,
      async (exchanges, chosen) => {
        expect(await renderText(exchanges, chosen)).toBe(await renderText(exchanges, chosen));
      },
    ),
  );
});

test('no secret of a header is written anywhere', async () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12}$/).map((value) => `s3cr3t${value}`);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('Authorization', 'proxy-authorization', 'Cookie', 'COOKIE', 'Set-Cookie'),
      fc.constantFrom(
        '',
        'Bearer ',
        'Basic ',
        'Digest username="u", response=',
        'sid=',
        'a=1; sid=',
        'sid=',
      ),
      secret,
      fc.constantFrom('', '; Path=/', '; other=1'),
      async (name, before, value, after) => {
        // Attributes of a Set-Cookie are no secrets.
        fc.pre(!(name === 'Set-Cookie' && before.includes(';')));
        const line: [string, string] = [name, `${before}${value}${after}`];
        const recorded = exchange({ headers: [line], response: { headers: [line] } });
        expect(await renderText([recorded], { restrictedHeaders: true })).not.toContain(value);
      },
    ),
  );
});

test('two identical exchanges that differ in id and time give the bytes of any other run', async () => {
  const parts = { url: 'http://a.test/x', response: { body: 'same' } };
  expect(await renderText([exchange(parts)])).toBe(await renderText([exchange(parts)]));
});
