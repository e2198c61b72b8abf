import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import type { Har } from '../../src/har/types.ts';
import { startWithBrowser } from '../helpers/browsers.ts';
import {
  journalsOf,
  newPlace,
  type Place,
  runTyped,
  spawnIn,
  startCli,
  startListening,
  startSave,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import type { Collection } from '../helpers/collections.ts';
import { documents } from '../helpers/documentation.ts';
import { eventually } from '../helpers/eventually.ts';
import { exchange } from '../helpers/exchanges.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { THINGS_PROTO } from '../helpers/grpc-server.ts';
import { ask } from '../helpers/http-client.ts';
import { testIsolated } from '../helpers/isolation.ts';
import { readJournal } from '../helpers/journal.ts';
import { newClient, newPage } from '../helpers/running-client.ts';
import { deadPort, httpUpstream } from '../helpers/upstream.ts';
import { startVisitedSite } from '../helpers/visited-site.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'fixtures/example.js');

// The commands of the documentation as it prints them, and what each must do.
const scenarios: Readonly<Record<string, (command: string) => Promise<void>>> = {
  'npm install && npx pmproxy save -o traffic.json -- node fixtures/example.js': async (
    command,
  ) => {
    const place = await projectPlace();
    // Installing is what every run of these tests begins with.
    const { code, stderr } = await runTyped(place, command.replace('npm install && npx ', ''));
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'traffic.json')).toEqual([
      'GET /books',
      'GET /books/:bookId',
      'POST /books',
    ]);
  },
  'npm install && npm test': async (command) => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(command).toContain('npm test');
    expect(scripts).toMatchObject({ prepare: 'npm run build', test: 'vitest run' });
  },
  'pmproxy save --workers 2 -o load.json -- npm test': async (command) => {
    const place = await projectPlace();
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'load.json')).toHaveLength(3);
  },
  'pmproxy save -o api.json -- npm test': async (command) => {
    const place = await projectPlace();
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'api.json')).toHaveLength(3);
  },
  'pmproxy save --port 8080 --name shop': async (command) => {
    const place = await newPlace();
    const cli = await startSave(place, [...optionsOf(command), '--port', '0']);
    expect((await fetch(`${cli.proxy}/ca.pem`)).status).toBe(200);
    const upstream = await httpUpstream((_, response) => response.end());
    await ask(cli, `${upstream.url}/books`);
    expect((await cli.end('SIGINT')).code).toBe(0);
    await expect(place.read('shop.postman_collection.json')).resolves.toContain('"name": "shop"');
  },
  'pmproxy save --host api.example.com --methods GET,POST --status 2xx,4xx --no-static': async (
    command,
  ) => {
    const cli = await startSave(await newPlace(), optionsOf(command));
    expect((await cli.end('SIGINT')).code).toBe(0);
  },
  'pmproxy convert -o restored.json': async (command) => {
    const place = await projectPlace();
    const cli = await startSave(place);
    const through = `eval "$(pmproxy env --port ${cli.port})" && node example.js`;
    const recorded = await runTyped(place, through);
    expect(recorded.code, recorded.stderr).toBe(0);
    // What has ended is on disk a moment later.
    const [journal = ''] = await journalsOf(place);
    await eventually(async () => expect(await readJournal(journal)).toHaveLength(3));
    cli.kill('SIGKILL');
    await cli.ended;
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'restored.json')).toHaveLength(3);
  },
  'pmproxy save -o api.postman_collection.json --append -- npm test': async (command) => {
    const place = await projectPlace();
    const first = await runTyped(place, command);
    expect(first.code, first.stderr).toBe(0);
    const edited = (await place.read('api.postman_collection.json')).replace(
      '"GET /books"',
      '"All books"',
    );
    await writeFile(place.path('api.postman_collection.json'), edited);
    const again = await runTyped(place, command);
    expect(again.code, again.stderr).toBe(0);
    expect(await place.read('api.postman_collection.json')).toBe(edited);
  },
  'pmproxy save -o api.postman_collection.json --shape endpoints --tests -- npm test': async (
    command,
  ) => {
    const place = await projectPlace();
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'api.postman_collection.json')).toContain(
      'GET /books/:bookId',
    );
    expect(await place.read('api.postman_collection.json')).toContain('pm.test(');
  },
  'pmproxy save -o traffic.har -o api.openapi.yaml -o calls.sh -- npm test': async (command) => {
    const place = await projectPlace();
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    expect((await place.json<Har>('traffic.har')).log.entries).toHaveLength(3);
    expect(await place.read('api.openapi.yaml')).toMatch(/^openapi: 3\.1\.\d/);
    expect(await place.read('calls.sh')).toMatch(/^#!\/bin\/sh\n/);
  },
  'pmproxy convert chrome.har firefox.har -o api.postman_collection.json --host api.example.com --shape endpoints':
    async (command) => {
      const place = await newPlace();
      for (const [browser, path] of Object.entries({ chrome: '/users/1', firefox: '/users/2' })) {
        const { url } = exchange({ url: `https://api.example.com${path}` }).request;
        const elsewhere = exchange({ url: 'https://elsewhere.example.com/' });
        const entries = await Promise.all([exchange({ url }), elsewhere].map(entryOf));
        const log = { version: '1.2', creator: { name: browser, version: '1' }, entries };
        await writeFile(place.path(`${browser}.har`), JSON.stringify({ log }));
      }
      const { code, stderr } = await runTyped(place, command);
      expect(code, stderr).toBe(0);
      expect(await requestNames(place, 'api.postman_collection.json')).toEqual([
        'GET /users/:userId',
      ]);
    },
  'pmproxy save -o traffic.har -- npm test': async (command) => {
    const { code, stderr } = await runTyped(await projectPlace(), command);
    expect(code, stderr).toBe(0);
  },
  'pmproxy mock traffic.har -- npm test': async (command) => {
    const place = await recordedPlace();
    const { code, stderr } = await runTyped(place, command);
    expect(stderr).toContain('Answered 3 requests, missed 0.');
    expect(code).toBe(0);
  },
  'pmproxy mock traffic.har --client -- npm test': async (command) => {
    const place = await recordedPlace();
    const { end, page } = await shownIn(place, command);
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining('missed 0')]);
    const rows = await page.shows(3);
    expect(rows.map(({ marks }) => marks)).toEqual(Array(3).fill(['answered']));
  },
  'pmproxy save --check traffic.har --client -- npm test': async (command) => {
    const place = await recordedPlace();
    const { end, page } = await shownIn(place, command);
    expect(end.code, end.stderr).toBe(0);
    expect((await page.shows(3)).every(({ marks }) => marks === undefined)).toBe(true);
  },
  'pmproxy client --mock traffic.har --check traffic.har': async (command) => {
    const place = await recordedPlace();
    const ready = place.path('client.json');
    const args = [...command.split(' ').slice(1), '--port', '0', '--ready-file', ready];
    const cli = startCli(place, args);
    const client = await eventually(async () => JSON.parse(await readFile(ready, 'utf8')));
    const page = await newPage(client);
    await runTyped(place, `pmproxy sync --client '${client.url}' -- npm test`);
    const rows = await page.shows(3);
    expect(rows.map(({ marks }) => marks)).toEqual(Array(3).fill(['answered']));
    expect((await cli.end('SIGINT')).code).toBe(0);
  },
  'pmproxy mock api.postman_collection.json --port 8080': async (command) => {
    const place = await recordedPlace();
    await runTyped(place, 'pmproxy convert traffic.har -o api.postman_collection.json');
    const cli = await startListening(place, ['mock', ...optionsOf(command), '--port', '0']);
    expect(await (await fetch(`${cli.proxy}/books?after=1925`)).json()).toHaveLength(1);
    expect((await cli.end('SIGINT')).code).toBe(0);
  },
  'pmproxy diff yesterday.har today.har': async (command) => {
    const place = await recordedPlace();
    for (const day of ['yesterday', 'today'])
      await copyFile(place.path('traffic.har'), place.path(`${day}.har`));
    const { code, stdout } = await runTyped(place, command);
    expect([code, stdout]).toEqual([0, '']);
  },
  'pmproxy save --check traffic.har -- npm test': async (command) => {
    const { code, stderr } = await runTyped(await recordedPlace(), command);
    expect(stderr).toContain('no difference');
    expect(code).toBe(0);
  },
  'pmproxy convert in.har -o safe.har': async (command) => {
    const place = await newPlace();
    const token = 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA';
    const { request } = exchange({ url: `https://api.example.com/users?access_token=${token}` });
    const entries = [await entryOf(exchange({ url: request.url }))];
    const log = { version: '1.2', creator: { name: 'browser', version: '1' }, entries };
    await writeFile(place.path('in.har'), JSON.stringify({ log }));
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    const safe = await place.read('safe.har');
    expect(safe).not.toContain(token);
    expect(safe).toContain('https://api.example.com/users?access_token={{');
  },
  'pmproxy convert calls.har -o readable.har --proto protos/': async (command) => {
    const place = await newPlace();
    await mkdir(place.path('protos'));
    await writeFile(place.path('protos/things.proto'), THINGS_PROTO);
    const request = framed(Buffer.from([0x0a, 3, ...Buffer.from('Ada')]));
    const entries = [await entryOf(grpcExchange({ request }))];
    await writeFile(place.path('calls.har'), JSON.stringify({ log: { entries } }));
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    const har = await place.json<Har>('readable.har');
    expect(har.log.entries[0]?._grpc?.messages[0]?.json).toEqual({ name: 'Ada' });
  },
  'pmproxy convert api.json dev.postman_environment.json -o api.har': async (command) => {
    const place = await newPlace();
    const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
    const item = [{ name: 'Users', request: { method: 'GET', url: '{{base}}/users/{{unknown}}' } }];
    const values = [{ key: 'base', value: 'https://dev.example.com', enabled: true }];
    await writeFile(
      place.path('api.json'),
      JSON.stringify({ info: { name: 'API', schema }, item }),
    );
    await writeFile(
      place.path('dev.postman_environment.json'),
      JSON.stringify({ name: 'dev', values, _postman_variable_scope: 'environment' }),
    );
    const { code, stderr } = await runTyped(place, command);
    expect(code, stderr).toBe(0);
    const [entry] = (await place.json<Har>('api.har')).log.entries;
    expect(entry?.request.url).toBe('https://dev.example.com/users/{{unknown}}');
  },
  'pmproxy sync -- npm test': async (command) => {
    const place = await projectPlace();
    const port = await deadPort();
    const { code, stderr } = await runTyped(
      place,
      command.replace('sync', `sync --grace 2m --client ws://127.0.0.1:${port}/capture`),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(new RegExp(`History: http://127.0.0.1:${port}/\\?token=`));
    expect(stderr).toContain('Delivered 3 exchanges');
  },
  'pmproxy client --history history': async (command) => {
    const place = await newPlace();
    const ready = place.path('client.json');
    const args = [...command.split(' ').slice(1), '--port', '0', '--ready-file', ready];
    const client = startCli(place, args);
    const { url } = await eventually(async () => JSON.parse(await readFile(ready, 'utf8')));
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.replace(/;.*/, '') ?? '';
    const page = await fetch(new URL('/', url), { headers: { cookie } });
    expect(await page.text()).toContain('<title>');
    expect((await client.end('SIGINT')).code).toBe(0);
    expect(await readdir(place.path('history'))).not.toEqual([]);
  },
  'pmproxy interceptor': async (command) => {
    // The rest of it: test/interceptor.
    const place = await newPlace();
    const ready = place.path('client.json');
    startCli(place, ['client', '--port', '0', '--ready-file', ready]);
    const { port } = await eventually(async () => JSON.parse(await readFile(ready, 'utf8')));
    const { code, stdout } = await runTyped(place, `${command} --port ${port}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Code {2}\w{4}-\w{4}/);
  },
  'pmproxy filter --allow-origin https://client.example': async (command) => {
    const upstream = await httpUpstream((_, response) => response.end());
    const filter = await startListening(await newPlace(), ['filter', ...optionsOf(command)]);
    const { header } = await ask(filter, upstream.url, {
      headers: ['Origin', 'https://client.example', 'Postman-Origin', 'http://a.test'],
    });
    expect(header('access-control-allow-origin')).toBe('https://client.example');
    expect((await filter.end('SIGINT')).code).toBe(0);
  },
  "curl -x http://127.0.0.1:8080 -H 'Postman-Origin: http://a.test' -H 'Postman-User-Agent: x' http://api.example.com/":
    async (command) => {
      const seen: IncomingHttpHeaders[] = [];
      const upstream = await httpUpstream((request, response) => {
        seen.push(request.headers);
        response.end();
      });
      const filter = await startListening(await newPlace(), ['filter']);
      const marks = [...command.matchAll(/-H '([^:]+): ([^']+)'/g)];
      const headers = marks.flatMap(([, name = '', value = '']) => [name, value]);
      await ask(filter, upstream.url, { headers });
      expect(seen).toEqual([{ host: upstream.host, origin: 'http://a.test', 'user-agent': 'x' }]);
    },
  'pmproxy save -o traffic.postman_collection.json --min 1 -- npm run test:e2e\nnpx newman run traffic.postman_collection.json':
    async (command) => {
      const place = await projectPlace();
      const [save = '', run = ''] = command.split('\n');
      const saved = await runTyped(place, save);
      expect(saved.code, saved.stderr).toBe(0);
      const server = spawnIn(place, [process.execPath, 'example.js', '--serve'], {});
      const { variable } = await place.json<Collection>('traffic.postman_collection.json');
      await eventually(() => fetch(variable[0]?.value ?? ''));
      const replay = run.replace('npx newman', `'${process.execPath}' '${newman}'`);
      const replayed = await runTyped(place, replay);
      await server.end('SIGTERM');
      expect(replayed.code, replayed.stdout).toBe(0);
      expect(replayed.stdout).toContain('/books/9');
    },
};

/** Commands that start a browser, which is headless here and opens a page of a local server. */
const browserScenarios: typeof scenarios = {
  'pmproxy save --browser -o shop.json -- https://shop.example/': async (command) => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const cli = await startWithBrowser(place, locally(command, site.secure.url));
    await site.done();
    process.kill(await cli.browserPid(), 'SIGTERM');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'shop.json')).not.toEqual([]);
  },
  'pmproxy filter --browser --allow-origin https://client.example -- https://client.example/':
    async (command) => {
      const site = await startVisitedSite();
      const cli = await startWithBrowser(await newPlace(), locally(command, site.secure.url));
      await site.done();
      expect(cli.stderr).toContain(`Pages of ${site.secure.url} may use it.`);
      expect((await cli.end('SIGINT')).code).toBe(0);
    },
};

const isolatedScenarios: typeof scenarios = {
  "pmproxy save -o api.json --isolate -- curl --noproxy '*' http://localhost:3000/users": async (
    command,
  ) => {
    const place = await newPlace();
    const { port } = await httpUpstream((_, response) => response.end('[]'));
    const { code, stderr } = await runTyped(place, command.replace('3000', String(port)));
    expect(code, stderr).toBe(0);
    expect(await requestNames(place, 'api.json')).toHaveLength(1);
  },
};

function locally(command: string, origin: string): string[] {
  const words = command
    .replaceAll(/https:\/\/\w+\.example/g, origin)
    .split(' ')
    .slice(1);
  return words.flatMap((word) =>
    word === '--browser' ? [word, 'chromium', '--browser-arg', '--headless=new'] : [word],
  );
}

const newman = join(root, 'node_modules/newman/bin/newman.js');

/** A project whose tests ask the example server. */
async function projectPlace(): Promise<Place> {
  const place = await newPlace();
  // A port of its own, for whoever else has the example running.
  const text = (await readFile(example, 'utf8')).replace('8099', String(await deadPort()));
  await mkdir(place.path('fixtures'));
  await writeFile(place.path('example.js'), text);
  await writeFile(place.path('fixtures/example.js'), text);
  const scripts = { test: 'node example.js', 'test:e2e': 'node example.js' };
  await writeFile(place.path('package.json'), JSON.stringify({ type: 'module', scripts }));
  // npm asks the registry now and then for a newer one of itself, which would be recorded.
  await writeFile(place.path('.npmrc'), 'update-notifier=false\n');
  return place;
}

/** A project with what its tests sent, in traffic.har. */
async function recordedPlace(): Promise<Place> {
  const place = await projectPlace();
  await runTyped(place, 'pmproxy save -o traffic.har -- npm test');
  return place;
}

/** Runs a command with a client of the test's own, on another port than the usual one, which may be taken. */
async function shownIn(place: Place, command: string) {
  const running = await newClient({ home: place.home });
  const page = await newPage(running);
  const address = `--client ${running.captureUrl}`;
  return { end: await runTyped(place, command.replace('--client', address)), page };
}

function optionsOf(command: string): string[] {
  return command.split(' ').slice(2);
}

async function requestNames(place: Place, file: string): Promise<string[]> {
  return (await place.json<Collection>(file)).item.map(({ name }) => name);
}

const texts = await Promise.all(
  (await documents()).map((name) => readFile(join(root, name), 'utf8')),
);
const blocks = texts.flatMap((text) =>
  [...text.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, block = '']) => block),
);

test('every command of the documentation has a scenario', () => {
  const known = Object.keys({ ...scenarios, ...browserScenarios, ...isolatedScenarios });
  expect(new Set(blocks)).toEqual(new Set(known));
});

test.each(Object.entries(scenarios))(
  'documentation: %s',
  async (command, scenario) => {
    await scenario(command);
  },
  240_000,
);

testWith('/usr/bin/chromium', '--version').each(Object.entries(browserScenarios))(
  'documentation, with a browser: %s',
  async (command, scenario) => {
    await scenario(command);
  },
  240_000,
);

testIsolated().each(Object.entries(isolatedScenarios))(
  'documentation, isolated: %s',
  async (command, scenario) => {
    await scenario(command);
  },
  240_000,
);
