import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { complaintsAbout, convertedTo, harEntry } from '../helpers/cases.ts';

type Part = readonly [head: string, value: string];

/** A call that sends these parts; a head is what follows `form-data; `. */
function upload(...parts: readonly Part[]): object {
  const text = parts
    .map(([head, value]) => `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`)
    .join('');
  const mimeType = 'multipart/form-data; boundary=X';
  return harEntry({
    request: { method: 'POST', postData: { mimeType, text: `${text}--X--\r\n` } },
  });
}

async function mediaOf(...entries: readonly object[]) {
  const text = await convertedTo('openapi', entries);
  return parse(text).paths['/'].post.requestBody.content['multipart/form-data'];
}

test('files are binary and have their media type, JSON is JSON', async () => {
  const text = await convertedTo('openapi', 'openapi-multipart/in.har');
  expect(await complaintsAbout(text)).toEqual([]);
  const media = parse(text).paths['/up'].post.requestBody.content['multipart/form-data'];
  expect(media).toEqual({
    schema: {
      type: 'object',
      properties: {
        avatar: { type: 'string', format: 'binary', contentMediaType: 'image/png' },
        meta: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
        csv: { type: 'string', format: 'binary', contentMediaType: 'text/csv' },
      },
      required: ['avatar', 'meta', 'csv'],
    },
    encoding: {
      avatar: { contentType: 'image/png' },
      meta: { contentType: 'application/json' },
      csv: { contentType: 'text/csv' },
    },
    example: { avatar: 'a.png', meta: { title: 't' }, csv: 'a.csv' },
  });
});

test('several files with one name are a list', async () => {
  const file = (name: string): Part => [
    `name="f"; filename="${name}"\r\nContent-Type: image/png`,
    'x',
  ];
  const { schema } = await mediaOf(upload(file('a.png'), file('b.png')));
  expect(schema.properties.f).toEqual({
    type: 'array',
    items: { type: 'string', format: 'binary', contentMediaType: 'image/png' },
  });
});

test('a file of several media types names them all in its encoding', async () => {
  const file = (type: string) => upload([`name="f"; filename="a"\r\nContent-Type: ${type}`, 'x']);
  const { schema, encoding } = await mediaOf(file('image/png'), file('image/gif'));
  expect(schema.properties.f).toEqual({ type: 'string', format: 'binary' });
  expect(encoding).toEqual({ f: { contentType: 'image/png, image/gif' } });
});

test('JSON that a browser sends as a blob is JSON, a file of JSON is a file', async () => {
  const json = (name: string): Part => [
    `name="${name}"; filename="${name}"\r\nContent-Type: application/vnd.api+json`,
    '{"n":[1,null]}',
  ];
  const { schema, example } = await mediaOf(upload(json('blob'), json('config.json')));
  expect(schema.properties.blob).toMatchObject({
    type: 'object',
    properties: { n: { type: 'array', items: { type: ['integer', 'null'] } } },
  });
  expect(schema.properties['config.json']).toMatchObject({ format: 'binary' });
  expect(example).toEqual({ blob: { n: [1, null] }, 'config.json': 'config.json' });
});

test('a part that is called JSON but is not is text', async () => {
  const { schema } = await mediaOf(upload(['name="m"\r\nContent-Type: application/json', '{oops']));
  expect(schema.properties.m).toEqual({ type: 'string' });
});

test('parts without a type get the type that their content has', async () => {
  const { schema, encoding } = await mediaOf(upload(['name="n"', '1'], ['name="t"', 'a']));
  expect(schema.properties).toEqual({ n: { type: 'integer' }, t: { type: 'string' } });
  expect(encoding).toBeUndefined();
});

test('a file that was sent in only some calls is binary', async () => {
  const { schema } = await mediaOf(
    upload(['name="f"', '']),
    upload(['name="f"; filename="a.bin"', 'x']),
  );
  expect(schema.properties.f).toEqual({ type: 'string', format: 'binary' });
});
