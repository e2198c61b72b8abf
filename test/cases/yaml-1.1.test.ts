import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { caseFile, convertedTo, exchangesIn, harEntry, v3Files } from '../helpers/cases.ts';
import { newPlace, runCli } from '../helpers/cli.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { runCollection } from '../helpers/runners.ts';

/** Whether both versions of YAML read the same in a text. */
function expectUnequivocal(text: string, shown: string): void {
  expect(parse(text, { version: '1.1' }), shown).toEqual(parse(text));
}

test('the Postman CLI runs all three requests, whatever their values are', async () => {
  const { origin, seen } = await startEchoServer();
  const place = await newPlace();
  const text = await readFile(caseFile('yaml-1.1/in.har'), 'utf8');
  await writeFile(place.path('in.har'), text.replaceAll('https://api.test', origin));
  const { code, stderr } = await runCli(place, ['convert', 'in.har', '-o', 'api/']);
  expect(code, stderr).toBe(0);
  await runCollection('postman', place.path('api'));
  expect(seen.map(({ target }) => target)).toEqual(['/one', '/two?from=2024-05-01', '/three']);
  expect(seen[2]?.headers).toContainEqual(['x-api-version', '2024-05-01']);
});

test.each(['in.har', 'in2.har'])(
  'a collection v3 of %s reads the same in YAML 1.1',
  async (name) => {
    const files = await v3Files(await exchangesIn(`yaml-1.1/${name}`));
    expect(files.size).toBeGreaterThan(1);
    for (const [path, text] of files) expectUnequivocal(text, path);
  },
);

test('an OpenAPI document reads the same in YAML 1.1, too', async () => {
  for (const name of ['in.har', 'in2.har'])
    expectUnequivocal(await convertedTo('openapi', `yaml-1.1/${name}`), name);
  const value = { '2024-05-01': 'NO', on: ['1_000', '12:30:00', '='] };
  const content = { mimeType: 'application/json', text: JSON.stringify(value) };
  const document = await convertedTo('openapi', [harEntry({ response: { content } })]);
  expectUnequivocal(document, 'keys');
  const { paths } = parse(document, { version: '1.1' });
  const media = paths['/'].get.responses['200'].content['application/json'];
  expect(media.example).toEqual(value);
});

test('text that is appended to a collection reads the same in YAML 1.1, too', async () => {
  const place = await newPlace();
  const first = harEntry({ request: { url: 'https://2024-05-01.test/one' } });
  const answered = (text: string, url: string) =>
    harEntry({ request: { url }, response: { content: { mimeType: 'text/plain', text } } });
  const more = [
    answered('NO', 'https://2024-05-01.test/one'),
    answered('12:30:00', 'https://b.test/on?at=12:30:00'),
  ];
  const har = (entries: readonly object[]) => JSON.stringify({ log: { version: '1.2', entries } });
  await writeFile(place.path('a.har'), har([first]));
  await writeFile(place.path('b.har'), har(more));
  for (const args of [['a.har'], ['b.har', '--append']]) {
    const { code, stderr } = await runCli(place, [
      'convert',
      ...args,
      '-o',
      'api/',
      '--group',
      'none',
    ]);
    expect(code, stderr).toBe(0);
  }
  for (const file of [
    '.resources/definition.yaml',
    'GET -one.request.yaml',
    'GET -on.request.yaml',
    '.resources/GET -on.resources/examples/200 OK.example.yaml',
  ])
    expectUnequivocal(await place.read(`api/${file}`), file);
  const example = await place.read('api/.resources/GET -on.resources/examples/200 OK.example.yaml');
  expect(parse(example, { version: '1.1' }).response.body.content).toBe('12:30:00');
});
