import { execFileSync } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newPlace, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';

const example = fileURLToPath(new URL('../../fixtures/example.js', import.meta.url));

/** A network of its own, with nothing in it but a loopback interface. */
const ALONE = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;

/** Asks what `fixtures/example.js` asks, of a server that is not there. */
const client = `
const origin = process.argv[2];
const say = async (answer) => console.log(answer.status, (await answer.text()).trim());
const ask = (path, init) => fetch(origin + path, init).then(say);
await ask('/books?after=1925');
await ask('/books/9');
const headers = { 'content-type': 'application/json', authorization: 'Bearer another-token' };
const body = JSON.stringify({ title: 'Nightwood', year: 1936 });
await ask('/books', { method: 'POST', headers, body });
if (process.argv[3] === 'more') await ask('/books/10');
`;

const ANSWERS = `200 [{"id":2,"title":"Orlando","year":1928}]
404 {"error":"no book 9"}
201 {"id":3,"title":"Nightwood","year":1936}
`;

async function recordedExample(secrets: string) {
  const place = await newPlace();
  await copyFile(example, place.path('example.js'));
  await writeFile(place.path('client.mjs'), client);
  // The example listens where it is told, and asks itself.
  const { port } = await freePort();
  const outputs = ['-o', 't.har', '-o', 't.json', '-o', 't/'];
  const args = ['save', ...outputs, '--secrets', secrets, '--', 'node', 'example.js'];
  const { code, stderr } = await runCli(place, args, { env: { PORT: String(port) } });
  expect(code, stderr).toBe(0);
  return { place, origin: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<{ port: number }> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return { port };
}

const alone = mayBeAlone() ? test : test.skip;
if (!mayBeAlone()) process.stderr.write('Skipped: a network namespace cannot be made here.\n');

alone(
  'a mock answers for a recorded program without any network, from each format, with and without secrets',
  async () => {
    for (const secrets of ['redact', 'keep']) {
      const { place, origin } = await recordedExample(secrets);
      for (const file of ['t.har', 't.json', 't']) {
        const args = ['mock', file, '--', 'node', 'client.mjs', origin];
        const end = await runCli(place, args, { through: ALONE });
        expect([secrets, file, end.stdout, end.code], end.stderr).toEqual([
          secrets,
          file,
          ANSWERS,
          0,
        ]);
        expect(end.stderr).toContain('Answered 3 requests, missed 0.');
      }
      const args = ['mock', 't.har', '--', 'node', 'client.mjs', origin, 'more'];
      const end = await runCli(place, args, { through: ALONE });
      expect(end.stdout).toContain('502 pmproxy has no recorded answer (502).');
      expect(end.code).toBe(4);
    }
  },
  240_000,
);

test('the log of a mock holds no secrets, neither those that were asked for nor those of the recording', async () => {
  const place = await newPlace();
  const token = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
  const url = `http://api.test/pay?access_token=${token}`;
  await writeFile(place.path('t.har'), await renderAs('har', [exchange({ url, body: 'a=1' })]));
  await writeFile(
    place.path('c.mjs'),
    `await fetch('http://api.test/pay?access_token=${token}x&page=2').then((answer) => answer.text());`,
  );
  const args = ['mock', 't.har', '--log-level', 'debug', '--log-format', 'json'];
  const { code, stderr } = await runCli(place, [...args, '--', 'node', 'c.mjs']);
  expect(code, stderr).toBe(4);
  expect(stderr).toContain('was not recorded');
  expect(stderr).not.toContain('sk_live_4eC39');
});

testWith('python3', '--version')(
  'a Python program gets answers of a recorded server of this machine that is not there',
  async () => {
    const place = await newPlace();
    const url = 'http://127.0.0.1:9/books';
    const har = await renderAs('har', [exchange({ url, response: { body: 'Orlando' } })]);
    await writeFile(place.path('t.har'), har);
    const program = [
      'import http.client',
      "connection = http.client.HTTPConnection('127.0.0.1', 9)",
      "connection.request('GET', '/books')",
      'print(connection.getresponse().read().decode())',
    ].join('\n');
    await writeFile(place.path('c.py'), program);
    const end = await runCli(place, ['mock', 't.har', '--', 'python3', 'c.py']);
    expect([end.stdout, end.code], end.stderr).toEqual(['Orlando\n', 0]);
  },
);

function mayBeAlone(): boolean {
  const [program, ...args] = ALONE;
  try {
    execFileSync(program, [...args, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
