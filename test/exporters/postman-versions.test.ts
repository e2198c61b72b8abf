import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { v1Requests } from '../../src/exporters/postman-v1/request.ts';
import { attachments, renderAs, renderText } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';
import { hardRecording } from '../helpers/hard-recording.ts';

describe('postman-v2.0', () => {
  test('is v2.1 under its own schema, which accepts it', async () => {
    const { attach } = attachments();
    const options = { name: 'hard', attach };
    const text = await renderAs('postman-v2.0', hardRecording(), options);
    const v21 = await renderText(hardRecording(), options);
    expect(text).toBe(v21.replace('/v2.1.0/', '/v2.0.0/'));
    const path = new URL('../../../shared/schemas/postman-collection-v2.0.0.json', import.meta.url);
    const schema = JSON.parse(await readFile(fileURLToPath(path), 'utf8'));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(JSON.parse(text)) ? null : validate.errors).toBeNull();
  });
});

describe('postman-v1', () => {
  test('has the layout of PostmanProxy (2013), as in the golden file', async () => {
    const { attach } = attachments();
    const text = await renderAs('postman-v1', hardRecording(), { name: 'hard', attach });
    await expect(text).toMatchFileSnapshot('../../fixtures/golden/hard.postman_collection');
    const file = JSON.parse(text);
    expect(Object.keys(file).sort()).toEqual(
      ['folders', 'id', 'name', 'order', 'requests', 'synced', 'timestamp'].sort(),
    );
    expect(file.order).toEqual(file.requests.map(({ id }: { id: string }) => id));
    expect(text).toBe(`${JSON.stringify(file, null, '\t')}\n`);
  });

  test('an empty recording is a collection without requests', async () => {
    const file = JSON.parse(await renderAs('postman-v1', []));
    expect(file).toMatchObject({ name: 'recorded', order: [], requests: [], timestamp: 0 });
  });

  test('requests that agree in method, data and URL are written once, whatever their headers', async () => {
    const twice = ['1', '2'].map((value) => exchange({ headers: [['X-N', value]], body: 'a' }));
    const count = async (dedupe: boolean) =>
      JSON.parse(await renderAs('postman-v1', twice, { dedupe })).requests.length;
    expect([await count(true), await count(false)]).toEqual([1, 2]);
  });

  test('a request can also be made of a single exchange', async () => {
    const make = v1Requests({ name: 'live' });
    const recorded = exchange({
      url: 'https://api.test:81/users?a=1',
      headers: [
        ['Host', 'api.test:81'],
        ['Authorization', 'Bearer t0ken'],
        ['Accept', '*/*'],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      body: 'name=J%C3%BCrgen&x=',
    });
    const request = await make({ ...recorded, startedAt: 1_700_000_000_999 });
    expect(request).toMatchObject({
      url: 'https://api.test:81/users?a=1',
      name: '/users?a=1',
      description: '',
      method: 'POST',
      headers:
        'Authorization: Bearer {{bearer_token}}\nAccept: */*\nContent-Type: application/x-www-form-urlencoded\n',
      data: [
        { key: 'name', value: 'J\u00fcrgen', type: 'text' },
        { key: 'x', value: '', type: 'text' },
      ],
      dataMode: 'urlencoded',
      responses: [],
      version: 2,
      timestamp: 1_700_000_000,
    });
    expect(await make(recorded)).toMatchObject({
      id: request.id,
      collectionId: request.collectionId,
    });
    expect(await make(exchange())).toMatchObject({ data: [], dataMode: 'params', headers: '' });
    expect(await make(exchange({ body: 'a' }))).toMatchObject({ data: 'a', dataMode: 'raw' });
  });
});
