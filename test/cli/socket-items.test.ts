import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { newPlace, type Place } from '../helpers/cli.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { filesBelow } from '../helpers/leaks.ts';
import { lintCollection } from '../helpers/runners.ts';
import { socket } from '../helpers/sockets.ts';

const recording = [
  exchange({ url: 'http://api.test/users' }),
  socket({
    url: 'https://chat.test/room?lang=en',
    headers: [['X-Client', 'test']],
    messages: ['{"type":"join"}', 'hello', { opcode: 2, data: Buffer.from([0, 255]) }],
  }),
];

/** Runs a conversion; returns what it says. */
async function convert(place: Place, ...args: string[]): Promise<string> {
  const end = await runInProcess(place, ['convert', ...args]);
  expect(end.code, end.stderr).toBe(0);
  return end.stderr;
}

async function placeWith(files: Readonly<Record<string, string>>): Promise<Place> {
  const place = await newPlace();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(place.path(name)), { recursive: true });
    await writeFile(place.path(name), text);
  }
  return place;
}

async function filesIn(place: Place, folder: string): Promise<Map<string, string>> {
  const files = await filesBelow(place.path(folder));
  return new Map([...files].map(([path, text]) => [path.slice(place.path(folder).length), text]));
}

/** A collection that a person wrote, with everything that a WebSocket can have. */
const written = {
  'in/.resources/definition.yaml': '$kind: collection\nname: Chat\n',
  'in/Live/.resources/definition.yaml': '$kind: collection\norder: 1000\n',
  'in/Live/Feed.request.yaml': [
    '$kind: websocket-request',
    'description: The **feed**.',
    'url: "{{feed}}/v1?lang=en"',
    'headers:',
    '  - key: X-Off',
    '    value: "1"',
    '    disabled: true',
    'queryParams:',
    '  lang: en',
    'settings:',
    '  handshakeTimeout: 500',
    'messages: ./.resources/Feed.resources/messages',
    'order: 1000',
    '',
  ].join('\n'),
  'in/Live/.resources/Feed.resources/messages/a.message.yaml':
    '$kind: websocket-message\ncontent: <a/>\ncontentType: xml\norder: 2000\n',
  'in/Live/.resources/Feed.resources/messages/b.message.yaml':
    '$kind: websocket-message\ncontent: 00ff\ncontentType: hex\norder: 1000\n',
};

test('a recorded WebSocket is the same in version 3 when it is converted again', async () => {
  const place = await placeWith({ 'in.har': await renderAs('har', recording) });
  await convert(place, 'in.har', '-o', 'one/');
  const said = await convert(place, 'one/', '-o', 'two/');
  expect(said).toContain('2 requests');
  expect(said).not.toContain('warning');
  const files = await filesIn(place, 'one');
  expect([...files.keys()]).toContainEqual(expect.stringContaining('WS -room.request.yaml'));
  expect(await filesIn(place, 'two')).toEqual(files);
});

test('a WebSocket that a person wrote keeps all of its parts', async () => {
  const place = await placeWith(written);
  expect(await convert(place, 'in', '-o', 'out/')).not.toContain('warning');
  const files = await filesIn(place, 'out');
  const before = await filesIn(place, 'in');
  for (const [path, text] of before)
    if (!path.includes('definition')) expect(files.get(path)).toBe(text);
  expect(files.size).toBe(before.size);
  await lintCollection(place.path('out'));
});

test('other formats are the same beside version 3 as alone', async () => {
  const place = await placeWith({ 'in.har': await renderAs('har', recording) });
  await convert(place, 'in.har', '-o', 'alone.json');
  const alone = await readFile(place.path('alone.json'), 'utf8');
  expect(alone).toContain('- wss://chat.test/room: 3 messages');
  await convert(place, 'in.har', '--name', 'alone', '-o', 'v3/', '-o', 'beside.json');
  expect(await readFile(place.path('beside.json'), 'utf8')).toBe(alone);
});

test('saved messages of servers are left out, and reported', async () => {
  const example = 'in/Live/.resources/Feed.resources/examples/a.example.yaml';
  const place = await placeWith({ ...written, [example]: '$kind: websocket-example\n' });
  expect(await convert(place, 'in', '-o', 'out/')).toContain('websocket-examples: 1');
});

test('identical WebSockets are folded on request', async () => {
  const item = written['in/Live/Feed.request.yaml'];
  const place = await placeWith({
    'in/One.request.yaml': item,
    'in/Two.request.yaml': item,
    'in/Three.request.yaml': item.replace('en', 'de'),
  });
  await convert(place, 'in', '--dedupe', '-o', 'out/');
  const files = [...(await filesIn(place, 'out')).keys()];
  expect(files.filter((path) => path.endsWith('.request.yaml'))).toHaveLength(2);
});

test.each([
  ['postman', 'out.json'],
  ['curl', 'out.sh'],
  ['har', 'out.har'],
])('%s reports WebSockets as lost', async (format, output) => {
  const place = await placeWith(written);
  expect(await convert(place, 'in', '-o', output)).toContain(
    `${format} cannot represent WebSockets: 1, first in "Live / Feed"`,
  );
});

test('filters select WebSockets by their URL', async () => {
  const place = await placeWith(written);
  const environment = { name: 'e', values: [{ key: 'feed', value: 'wss://chat.test' }] };
  await writeFile(place.path('e.postman_environment.json'), JSON.stringify(environment));
  const from = ['in', 'e.postman_environment.json', '--host'];
  await convert(place, ...from, 'chat.test', '-o', 'kept/');
  expect([...(await filesIn(place, 'kept')).keys()]).toContain('/Live/Feed.request.yaml');
  await convert(place, ...from, 'other.test', '-o', 'left/');
  expect([...(await filesIn(place, 'left')).keys()]).toEqual(['/.resources/definition.yaml']);
});

test('secrets in the messages of a WebSocket that a person wrote are replaced', async () => {
  const secret = 'q7Rk2mX9vB4tL0pZ';
  const folder = 'in/Live/.resources/Feed.resources/messages';
  const json = `{"password":"${secret}"}`;
  const message = (content: string, type: string) =>
    `$kind: websocket-message\ncontent: '${content}'\ncontentType: ${type}\n`;
  const place = await placeWith({
    ...written,
    [`${folder}/c.message.yaml`]: message(json, 'json'),
    [`${folder}/d.message.yaml`]: message(Buffer.from(json).toString('base64'), 'base64'),
    [`${folder}/e.message.yaml`]: message(Buffer.from(json).toString('hex'), 'hex'),
    [`${folder}/f.message.yaml`]: message(`say ${secret}`, 'text'),
  });
  await convert(place, 'in', '-o', 'out/');
  const files = await filesIn(place, 'out');
  const at = (name: string) => files.get(`/${folder.slice(3)}/${name}.message.yaml`) ?? '';
  expect(at('c')).toContain('{"password":"{{password}}"}');
  const shown = Buffer.from('{"password":"{{password}}"}');
  expect(at('d')).toContain(shown.toString('base64'));
  expect(at('e')).toContain(shown.toString('hex'));
  expect(at('f')).toContain('say {{password}}');
});

test('a WebSocket is added to version 3 beside the requests of a collection', async () => {
  const place = await placeWith({ ...written, 'in.har': await renderAs('har', recording) });
  await convert(place, 'in.har', '-o', 'out/');
  await convert(place, 'in', '--append', '-o', 'out/');
  const once = await filesIn(place, 'out');
  expect(once.get('/Live/Feed.request.yaml')).toContain('$kind: websocket-request');
  await convert(place, 'in', 'in.har', '--append', '-o', 'out/');
  expect(await filesIn(place, 'out')).toEqual(once);
  expect(await readFile(place.path('out/WS -room.request.yaml'), 'utf8')).toContain('wss://');
});
