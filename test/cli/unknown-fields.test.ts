import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newPlace } from '../helpers/cli.ts';
import { runInProcess } from '../helpers/in-process.ts';

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const collection = {
  info: { name: 'Unknown', schema, _exporter_id: '1', team: 'blue' },
  item: [
    {
      name: 'F',
      item: [
        {
          name: 'a',
          uid: '1-2',
          owners: ['ada'],
          request: {
            method: 'GET',
            header: [{ key: 'A', value: '1', type: 'text', hint: 'why' }],
            url: 'https://api.test/',
          },
          response: [{ name: 'ok', code: 200, mocked: true }],
        },
      ],
    },
  ],
};

async function converted(format: string, output: string, input: object | string = collection) {
  const place = await newPlace();
  const name = typeof input === 'string' ? input : `${place.folder}/in.json`;
  if (typeof input === 'object') await writeFile(name, JSON.stringify(input));
  const end = await runInProcess(place, ['convert', name, '-f', format, '-o', output]);
  expect(end.code, end.stderr).toBe(0);
  return { said: end.stderr, path: `${place.folder}/${output}` };
}

test.each([
  ['postman-v1', 'out.json'],
  ['postman-v3', 'out/'],
  ['har', 'out.har'],
  ['curl', 'out.sh'],
  ['http', 'out.http'],
  ['openapi', 'out.openapi.yaml'],
  ['ndjson', 'out.ndjson'],
])('unknown fields are reported once when %s drops them', async (format, output) => {
  const { said } = await converted(format, output);
  const line = `${format} cannot represent unknown fields: 4, first in the collection itself`;
  expect(said.split(line)).toHaveLength(2);
});

test.each(['postman', 'postman-v2.0'])(
  '%s keeps unknown fields without a message',
  async (format) => {
    const { said, path } = await converted(format, 'out.json');
    expect(said).not.toContain('unknown fields');
    const { info, item } = JSON.parse(await readFile(path, 'utf8'));
    expect(info).toMatchObject({ team: 'blue' });
    expect(item[0].item[0]).toMatchObject({ owners: ['ada'], response: [{ mocked: true }] });
  },
);

test('the message names the first item when no unknown field belongs to the collection itself', async () => {
  const { team: _, ...info } = collection.info;
  const { said } = await converted('har', 'out.har', { ...collection, info });
  expect(said).toContain('har cannot represent unknown fields: 3, first in "F / a"');
});

test('unknown fields of requests of version 1 are kept in version 1 and reported for other formats', async () => {
  const request = { id: 'r', name: 'a', method: 'GET', url: 'https://api.test/', team: 'blue' };
  const old = { id: 'c', name: 'Old', order: ['r'], requests: [request], project: 'x' };
  const kept = await converted('postman-v1', 'out.json', old);
  expect(kept.said).not.toContain('unknown fields');
  expect(JSON.parse(await readFile(kept.path, 'utf8'))).toMatchObject({ project: 'x' });
  const { said } = await converted('postman', 'out.json', old);
  expect(said).toContain(
    'postman cannot represent unknown fields: 2, first in the collection itself',
  );
});
