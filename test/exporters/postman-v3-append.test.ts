import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Exchange } from '../../src/exchange.ts';
import type { GivenOptions } from '../../src/exporters/exporter.ts';
import { folderExporters } from '../../src/exporters/index.ts';
import { withMember, withPairs } from '../../src/exporters/postman-v3/yaml-insertion.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { hardRecording } from '../helpers/hard-recording.ts';

const v3 = folderExporters['postman-v3'];
type Files = Map<string, string>;

async function gathered(files: ReturnType<typeof v3.renderFiles>): Promise<Files> {
  const found: Files = new Map();
  for await (const { path, chunks } of files) {
    let text = '';
    for await (const chunk of chunks) text += chunk;
    found.set(path, text);
  }
  return found;
}

const options = { name: 'recorded', group: 'none' } satisfies GivenOptions;

function rendered(
  exchanges: readonly Exchange[],
  more: Partial<GivenOptions> = {},
): Promise<Files> {
  return gathered(v3.renderFiles(recordingOf(exchanges), { ...options, ...more }));
}

/** The files that are written when this is added. */
function appended(
  files: Files,
  exchanges: readonly Exchange[],
  more: Partial<GivenOptions> = {},
): Promise<Files> {
  return gathered(v3.append!.files(files, recordingOf(exchanges), { ...options, ...more }));
}

const get = (path: string, body?: string, origin = 'http://api.test') =>
  exchange({ url: `${origin}${path}`, ...(body === undefined ? {} : { response: { body } }) });

function edit(files: Files, path: string, change: (text: string) => string): void {
  expect(files.get(path)).toBeDefined();
  files.set(path, change(files.get(path) ?? ''));
}

test('existing requests are not written again', async () => {
  const all = { name: 'hard', attach: async (name: string) => `hard.files/${name}` };
  for (const more of [{}, { group: 'path', shape: 'endpoints', tests: true }] as const) {
    const given = { ...all, ...more };
    const files = await gathered(v3.renderFiles(hardRecording(), given));
    expect([...(await gathered(v3.append!.files(files, hardRecording(), given))).keys()]).toEqual(
      [],
    );
  }
});

test('new requests come last, and the result equals a single recording', async () => {
  const files = await rendered([get('/a', '1')]);
  const both = [get('/a', '1'), get('/b', '2'), get('/B')];
  const added = await appended(files, both);
  expect(new Map([...files, ...added])).toEqual(await rendered(both));
  expect([...added.keys()].some((path) => files.has(path))).toBe(false);
});

test('new answers become files beside those that are there', async () => {
  const files = await rendered([get('/a', '1')]);
  const added = await appended(files, [get('/a', '1'), get('/a', '2'), get('/a', '3')]);
  const folder = '.resources/GET -a.resources/examples';
  expect([...added.keys()]).toEqual([
    `${folder}/200 OK 1.example.yaml`,
    `${folder}/200 OK 2.example.yaml`,
  ]);
  expect(parse(added.get(`${folder}/200 OK 2.example.yaml`)!)).toMatchObject({
    name: '200 OK',
    response: { body: { content: '3' } },
    order: 3000,
  });
});

test('a request without examples gets one more line for its first example', async () => {
  const failed = exchange({ url: 'http://api.test/a', response: null });
  const files = await rendered([failed]);
  edit(files, 'GET -a.request.yaml', (text) => `# mine\n${text}`);
  const added = await appended(files, [get('/a', '1')]);
  expect(added.get('GET -a.request.yaml')).toBe(
    `${files.get('GET -a.request.yaml')}examples: ./.resources/GET -a.resources/examples\n`,
  );
});

test('renamed, changed and moved requests are recognised by id or by content', async () => {
  const files = await rendered([get('/a', '1'), get('/b', '2')]);
  const moved: Files = new Map();
  for (const [path, text] of files) {
    const name = path.replace('GET -a', 'Users/List');
    moved.set(name.replace('.resources/Users/List', 'Users/.resources/List'), text);
  }
  moved.set('Users/.resources/definition.yaml', '$kind: collection\norder: 500\n');
  edit(moved, 'Users/List.request.yaml', (text) =>
    text.replace(/^url:.*/m, 'url: "{{baseUrl}}/a?page=2"'),
  );
  edit(moved, 'GET -b.request.yaml', (text) =>
    text.replace(/^id:.*\n/m, '').replace(/^name:.*\n/m, ''),
  );
  expect(await appended(moved, [get('/a', '1'), get('/b', '2')])).toEqual(new Map());
  const added = await appended(moved, [get('/a', 'new'), get('/c')]);
  expect([...added.keys()]).toEqual([
    'Users/.resources/List.resources/examples/200 OK 1.example.yaml',
    '.resources/GET -c.resources/examples/200 OK.example.yaml',
    'GET -c.request.yaml',
  ]);
  expect(parse(added.get('GET -c.request.yaml')!)).toMatchObject({ order: 3000 });
});

test('text that a person wrote is kept byte for byte', async () => {
  const more = { group: 'path' } as const;
  const shop = [get('/users/1', '1'), get('/users/me', '2'), get('/pets/1'), get('/pets/2')];
  const files = await rendered(shop, more);
  const script =
    '\nscripts:\n  - type: afterResponse\n    code: |-\n      // mine\n      pm.test("x");\n';
  for (const path of [...files.keys()].filter((name) => name.endsWith('.request.yaml')))
    edit(files, path, (text) =>
      text
        .replace(/^name: .*/m, 'name: "Mine"   # my words')
        .replace(
          /^order: .*/m,
          (line) => `description: >\n  of mine\nauth: { type: noauth }\n${line}7`,
        )
        .concat(script),
    );
  edit(files, 'users/.resources/definition.yaml', (text) =>
    text.replace(/^name: .*/m, 'name: users').concat('auth:\n  type: basic\n'),
  );
  edit(files, '.resources/definition.yaml', (text) =>
    text.replace('variables:', 'variables:\n  mine: "1" # why').concat('# my last word\n'),
  );
  files.set('users/never recorded.request.yaml', '$kind: http-request\nurl: http://other.test\n');
  files.set('notes/.resources/definition.yaml', '$kind: collection\nname: notes\norder: 1\n');
  const before = new Map(files);

  const added = await appended(files, [...shop, get('/users/1', 'new'), get('/users/new')], more);
  expect([...added.keys()].filter((path) => before.has(path))).toEqual([]);
  expect([...added.keys()].filter((path) => path.endsWith('.request.yaml'))).toHaveLength(1);
  expect(files).toEqual(before);
});

test('new requests go into the folder of the same name', async () => {
  const more = { group: 'path' } as const;
  const files = await rendered(
    [get('/users/1'), get('/users/me'), get('/pets/1'), get('/pets/2')],
    more,
  );
  const added = await appended(
    files,
    [get('/users/1'), get('/users/new'), get('/pets/1'), get('/pets/3')],
    more,
  );
  expect([...added.keys()].filter((path) => path.endsWith('.request.yaml'))).toEqual([
    'users/GET -users-new.request.yaml',
    'pets/GET -pets-petId 2.request.yaml',
  ]);
  expect(parse(added.get('pets/GET -pets-petId 2.request.yaml')!)).toMatchObject({ order: 3000 });
});

test('a new host gets its own variable, and existing variables keep their values', async () => {
  const files = await rendered([get('/a')]);
  edit(files, '.resources/definition.yaml', (text) => `${text}# the end\n`);
  const added = await appended(files, [get('/a', undefined, 'https://b.test')]);
  expect(added.get('.resources/definition.yaml')).toBe(
    files
      .get('.resources/definition.yaml')!
      .replace('# the end', '  b_test: https://b.test\n# the end'),
  );
  const request = [...added].find(([path]) => path.endsWith('.request.yaml'));
  expect(request?.[0]).toBe('GET -a 1.request.yaml');
  expect(parse(request?.[1] ?? '')).toMatchObject({ url: '{{b_test}}/a', name: 'GET /a' });
});

test('a GraphQL request that Postman has written is the same as ours', async () => {
  const call = exchange({
    url: 'http://api.test/graphql',
    headers: [['Content-Type', 'application/json']],
    body: '{"query":"{ me }","variables":{"a":1}}',
  });
  const files = await rendered([call]);
  const written = [
    '$kind: graphql-request',
    'url: "{{baseUrl}}/graphql"',
    'query: "{ me }"',
    'variables: \'{"a":1}\'',
    'headers:',
    '  Content-Type: application/json',
    'examples: ./.resources/POST -graphql.resources/examples',
    'order: 1000',
  ];
  const path = 'POST -graphql.request.yaml';
  expect([...files.keys()]).toContain(path);
  files.set(path, `${written.join('\n')}\n`);
  expect(await appended(files, [call])).toEqual(new Map());
});

test('a new request opts out of the auth of the collection', async () => {
  const asked = (path: string) =>
    exchange({ url: `http://api.test${path}`, headers: [['Authorization', 'Bearer t']] });
  const files = await rendered([asked('/a'), asked('/b')], { sharedAuth: true });
  expect(files.get('.resources/definition.yaml')).toContain('type: bearer');
  const added = await appended(files, [asked('/a'), get('/c')]);
  expect([...added.keys()].filter((path) => path.endsWith('.request.yaml'))).toEqual([
    'GET -c.request.yaml',
  ]);
  expect(parse(added.get('GET -c.request.yaml')!)).toMatchObject({ auth: { type: 'noauth' } });
});

test('a file that is not YAML is named, and nothing is written', async () => {
  const files = await rendered([get('/a')]);
  edit(files, 'GET -a.request.yaml', () => 'a: [');
  await expect(appended(files, [get('/b')])).rejects.toThrow(/GET -a\.request\.yaml is not YAML/);
});

describe('lines that are added to a file', () => {
  const pairs = [['b', '1e3']] as const;

  test.each([
    ['a: 1\n', 'a: 1\nm:\n  b: "1e3"\n'],
    ['m:\n  a: x\n', 'm:\n  a: x\n  b: "1e3"\n'],
    ['m:\n    a: x # why\n\nz: 1', 'm:\n    a: x # why\n    b: "1e3"\n\nz: 1'],
    ['m:\n  a: x', 'm:\n  a: x\n  b: "1e3"\n'],
    ['m:\r\n  a: x\r\nz: 1\r\n', 'm:\r\n  a: x\r\n  b: "1e3"\r\nz: 1\r\n'],
    ['m:\n  a: |\n    x\nz: 1\n', 'm:\n  a: |\n    x\n  b: "1e3"\nz: 1\n'],
    [
      'm:\n- key: a\n  value: x\nz: 1\n',
      'm:\n- key: a\n  value: x\n- key: b\n  value: "1e3"\nz: 1\n',
    ],
    [
      'm:\n  - key: a\n    value: x\n',
      'm:\n  - key: a\n    value: x\n  - key: b\n    value: "1e3"\n',
    ],
  ])('%j', (before, after) => {
    expect(withPairs(before, 'm', pairs)).toBe(after);
  });

  test.each(['m: {}', 'm:', 'm: {a: x}', 'm: []', 'm: [{key: a, value: x}]', ''])(
    'a member is added where there are no lines to add to: %j',
    (before) => {
      const list: unknown = parse(withPairs(before, 'm', pairs)).m;
      const added = Array.isArray(list) ? list.at(-1) : list;
      expect(added).toMatchObject(Array.isArray(list) ? { key: 'b', value: '1e3' } : { b: '1e3' });
    },
  );

  test('a member is added after a text that keeps its line breaks', () => {
    const before = 'code: |+\n  x\n\n';
    const after = withMember(before, 'examples', './x');
    expect(after.startsWith(before)).toBe(true);
    expect(parse(after)).toEqual({ ...parse(before), examples: './x' });
  });
});
