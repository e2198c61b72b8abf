import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { captureClient } from '../helpers/capture-client.ts';
import {
  journalsOf,
  newPlace,
  type Place,
  pathsIn,
  type RunningCli,
  runCli,
  startCli,
  startListening,
  startSave,
} from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { framed } from '../helpers/grpc.ts';
import { startThings } from '../helpers/grpc-server.ts';
import { ask, askHead, curl } from '../helpers/http-client.ts';
import { newClient, newPage } from '../helpers/running-client.ts';
import { httpsUpstream, httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

const patience = 240_000;

/** The processes that a command has started to accept connections. */
async function workersOf({ pid }: RunningCli): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,ppid=,args=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && /worker\.js$/.test(args.join(' ')))
    .map(([worker]) => Number(worker))
    .toSorted((a, b) => a - b);
}

/** How many exchanges each worker has written. */
async function sharesOf(place: Place, workers: number): Promise<number[]> {
  const [journal = ''] = await journalsOf(place);
  const indexes = Array.from({ length: workers }, (_, at) =>
    readFile(join(journal, `worker-${at + 1}`, 'exchanges.ndjson'), 'utf8'),
  );
  return (await Promise.all(indexes)).map((text) => text.split('\n').length - 1);
}

/** Asks for /1, /2, …, each over a connection of its own. */
async function askFor(cli: { port: number }, url: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) await ask(cli, `${url}/${n}`);
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `/${from + at}`);

const echo = () =>
  httpUpstream((request, response) => response.end(`you asked for ${request.url}`));

const linesOf = (text: string, pattern: RegExp) =>
  text.split('\n').filter((line) => pattern.test(line)).length;

test(
  '200 exchanges are shared out among two workers, and the output has all of them in order of time',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.json']);
    await askFor(cli, upstream.url, 1, 200);
    const shares = await eventually(async () => {
      const written = await sharesOf(place, 2);
      expect(written[0]! + written[1]!).toBe(200);
      return written;
    });
    expect(Math.min(...shares)).toBeGreaterThan(0);
    const { code, stderr, stdout } = await cli.end('SIGINT');
    expect([code, stdout], stderr).toEqual([0, '']);
    const text = await place.read('t.json');
    expect(pathsIn(text)).toEqual(numbers(1, 200));
    expect(text).toContain('you asked for /117');
    expect(linesOf(stderr, /Recording to t\.json through/)).toBe(1);
    expect(linesOf(stderr, /clients must trust/)).toBe(1);
    expect(linesOf(stderr, /"msg":"exchange"/)).toBe(200);
    expect(stderr).toContain('Recorded 200 exchanges.');
    expect(await journalsOf(place)).toEqual([]);
    expect(await workersOf(cli)).toEqual([]);
  },
  patience,
);

test(
  'a wrapped command is served by all workers, and its exit code is that of the recording',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const asking = `for n in $(seq 8); do curl -sS -o got ${upstream.url}/$n; done; exit 3`;
    const args = ['save', '--workers', '2', '-o', 't.json', '--', 'sh', '-c', asking];
    const { code, stderr } = await runCli(place, args);
    expect(code, stderr).toBe(3);
    expect(pathsIn(await place.read('t.json'))).toEqual(numbers(1, 8));
  },
  patience,
);

test(
  'HTTPS is opened by every worker with the same authority, and large bodies are kept whole',
  async () => {
    const body = 'x'.repeat(300_000);
    const upstream = await httpsUpstream((_, response) => response.end(body));
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '--insecure', '-o', 't.json']);
    for (const path of numbers(1, 4)) {
      const { stdout, stderr } = await curl(
        ...['--proxy', cli.proxy, '--cacert', cli.ca],
        `${upstream.url}${path}`,
      );
      expect(stdout.length, stderr).toBe(body.length);
    }
    expect(Math.min(...(await sharesOf(place, 2)))).toBeGreaterThan(0);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    const text = await place.read('t.json');
    expect(pathsIn(text)).toEqual(numbers(1, 4));
    expect(text.split(body)).toHaveLength(5);
  },
  patience,
);

test(
  'a recording of several workers is compared with one of a single process',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const asking = `for n in 1 2 3 4; do curl -sS -o got ${upstream.url}/$n; done`;
    const command = ['--', 'sh', '-c', asking];
    await runCli(place, ['save', '-o', 'right.har', ...command]);
    const checked = ['save', '--workers', '2', '--check', 'right.har', ...command];
    const { code, stderr } = await runCli(place, checked);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/Compared with right\.har: no difference/);
  },
  patience,
);

test(
  'servers are asked for the types of gRPC messages once, whichever worker has the call',
  async () => {
    const server = await startThings();
    onTestFinished(() => server.close());
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.har', '--grpc-reflection']);
    const body = framed(Buffer.from([0x0a, 5, ...Buffer.from('hello')]));
    const headers = ['content-type', 'application/grpc'];
    const url = `http://127.0.0.1:${server.port}/demo.v1.Things/Get`;
    for (let n = 0; n < 2; n += 1) {
      // The server does not speak HTTP/1.1, so that the call fails; what was asked is recorded all the same.
      await ask(cli, url, { method: 'POST', headers, body }).catch(() => {});
    }
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    const { log } = await place.json<Har>('t.har');
    const hello = { from: 'client', type: 'demo.v1.GetRequest', json: { name: 'hello' } };
    const messages = log.entries.map(({ _grpc }) => _grpc?.messages);
    expect(messages).toEqual([[expect.objectContaining(hello)], [expect.objectContaining(hello)]]);
  },
  patience,
);

test(
  'a worker that is killed is reported, what it recorded is kept, and the others go on',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.json']);
    await askFor(cli, upstream.url, 1, 40);
    await eventually(async () => {
      const [one = 0, two = 0] = await sharesOf(place, 2);
      expect(one + two).toBe(40);
    });
    const [first = 0, second = 0] = await workersOf(cli);
    process.kill(first, 'SIGKILL');
    await cli.says(
      /Worker \d \(process \d+\) has died \(SIGKILL\).*What it recorded is kept\. 1 of 2/,
    );
    expect(await workersOf(cli)).toEqual([second]);
    await askFor(cli, upstream.url, 41, 80);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(1);
    expect(pathsIn(await place.read('t.json'))).toEqual(numbers(1, 80));
    expect(stderr).toContain('Recorded 80 exchanges.');
  },
  patience,
);

test(
  'when the last worker has died, the recording ends and is written, with exit code 1',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.json']);
    await askFor(cli, upstream.url, 1, 10);
    await eventually(async () => {
      const [one = 0, two = 0] = await sharesOf(place, 2);
      expect(one + two).toBe(10);
    });
    for (const worker of await workersOf(cli)) process.kill(worker, 'SIGKILL');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('No worker is left.');
    expect(pathsIn(await place.read('t.json'))).toEqual(numbers(1, 10));
  },
  patience,
);

test(
  'after kill -9 of the command its workers end, and convert restores what all of them have written',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '3', '-o', 't.json']);
    const workers = await workersOf(cli);
    await askFor(cli, upstream.url, 1, 60);
    await cli.end('SIGKILL');
    await eventually(() => {
      for (const worker of workers) expect(() => process.kill(worker, 0)).toThrow('ESRCH');
    });
    const end = await runCli(place, ['convert', '-o', 'restored.json']);
    expect(end.code, end.stderr).toBe(0);
    expect(pathsIn(await place.read('restored.json'))).toEqual(numbers(1, 60));
    // The next recording says how to restore it.
    const next = await startSave(place, ['-o', 'next.json']);
    await next.says(/A recording was cut off/);
  },
  patience,
);

test(
  'signals that reach the workers as well stop nothing twice, and exchanges in flight have --grace',
  async () => {
    const upstream = await httpUpstream((request, response) => {
      if (request.url === '/endless') response.write('begun');
      else response.end();
    });
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.har', '--grace', '200ms']);
    const answer = await askHead(cli, `${upstream.url}/endless`);
    answer.on('error', () => {});
    await once(answer, 'data');
    // A terminal sends Ctrl+C to all processes of the group.
    for (const worker of await workersOf(cli)) process.kill(worker, 'SIGINT');
    await ask(cli, `${upstream.url}/whole`);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    expect(linesOf(stderr, /Stopping: waiting for 1 in flight, up to 200ms/)).toBe(1);
    const { log } = await place.json<Har>('t.har');
    expect(log.entries.map(({ _outcome }) => _outcome?.kind)).toEqual(['unfinished', 'completed']);
  },
  patience,
);

test(
  'exchanges of all workers are written to standard output while the recording goes on',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-f', 'ndjson', '-o', '-']);
    for (const n of [1, 2, 3, 4]) {
      await ask(cli, `${upstream.url}/${n}`);
      await eventually(() => expect(linesOf(cli.stdout, /"request"/)).toBe(n));
    }
    const { code, stdout, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.map((line) => new URL(JSON.parse(line).request.url).pathname)).toEqual(
      numbers(1, 4),
    );
  },
  patience,
);

test(
  'a journal that is removed stops the recording of all workers, and what they recorded is written',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const cli = await startSave(place, ['--workers', '2', '-o', 't.json', '--grace', '1s']);
    await askFor(cli, upstream.url, 1, 6);
    await eventually(async () => {
      const [one = 0, two = 0] = await sharesOf(place, 2);
      expect(one + two).toBe(6);
    });
    const [journal = ''] = await journalsOf(place);
    await rm(journal, { recursive: true });
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(1);
    expect(linesOf(stderr, /was removed or moved while pmproxy was writing to it/)).toBe(1);
    expect(pathsIn(await place.read('t.json'))).toEqual(numbers(1, 6));
  },
  patience,
);

test(
  'sync pushes the exchanges of all workers as one session, and shows their streams while they run',
  async () => {
    const upstream = await httpUpstream((request, response) => {
      if (!request.url?.startsWith('/events')) {
        response.end(`you asked for ${request.url}`);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
    });
    const client = await newClient();
    const page = await newPage(client);
    const proxy = await startListening(await newPlace(), [
      ...['sync', '--workers', '2', '--no-upstream'],
      ...['--client', client.captureUrl, '--token', client.token],
    ]);
    await askFor(proxy, upstream.url, 1, 20);
    await page.shows(20);
    const open = await Promise.all(
      [1, 2, 3, 4].map((n) => askHead(proxy, `${upstream.url}/events/${n}`)),
    );
    for (const answer of open) answer.on('error', () => {}).resume();
    await eventually(() => {
      const shown = new Set(
        page.events.flatMap((event) =>
          event.type === 'streams' ? event.changed.map(({ url }) => url) : [],
        ),
      );
      expect([...shown].toSorted()).toEqual([1, 2, 3, 4].map((n) => `${upstream.url}/events/${n}`));
    });
    const { code, stderr } = await proxy.end('SIGINT');
    expect(code, stderr).toBe(0);
    await page.shows(24);
    expect(linesOf(stderr, /"msg":"stream"/)).toBe(4);
    await page.state(({ sessions }) => sessions.length === 1);
  },
  patience,
);

test(
  'what workers recorded for a client that was absent is delivered by the next sync, without repeats',
  async () => {
    const upstream = await echo();
    const place = await newPlace();
    const client = await captureClient();
    const absent = await tcpUpstream((socket) => socket.destroy());
    const away = `ws://127.0.0.1:${absent.port}/capture`;
    const first = await startListening(place, [
      ...['sync', '--workers', '2', '--no-client', '--client', away, '--grace', '100ms'],
    ]);
    await askFor(first, upstream.url, 1, 12);
    await first.end('SIGINT');
    const second = await startListening(place, [
      ...['sync', '--workers', '2', '--no-client', '--client', client.address],
    ]);
    const entries = await client.stored(12);
    await second.end('SIGINT');
    const paths = entries.map(({ request }) => new URL(request.url).pathname);
    expect(paths.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(
      numbers(1, 12),
    );
  },
  patience,
);

test(
  'filter rewrites headers in all workers and counts their requests together',
  async () => {
    const upstream = await httpUpstream((request, response) =>
      response.end(request.headers.origin),
    );
    const place = await newPlace();
    const cli = await startListening(place, ['filter', '--workers', '2']);
    for (let n = 1; n <= 6; n += 1) {
      const { body } = await ask(cli, `${upstream.url}/${n}`, {
        headers: ['Postman-Origin', `http://${n}.test`],
      });
      expect(String(body)).toBe(`http://${n}.test`);
    }
    await ask(cli, `${upstream.url}/unmarked`);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Rewrote 6 of 7 requests.');
    expect(linesOf(stderr, /"msg":"Rewriting Postman/)).toBe(1);
  },
  patience,
);

test(
  'a port that is in use is reported once, with the command line for a free one',
  async () => {
    const taken = await tcpUpstream(() => {});
    const args = ['save', '--workers', '2', '--port', String(taken.port)];
    const { code, stderr } = await runCli(await newPlace(), args);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/Port \d+ is already in use\. Try: pmproxy save --port \d+/);
    expect(code).toBe(2);
  },
  patience,
);

test(
  'with one worker the command starts no other process',
  async () => {
    const cli = await startSave(await newPlace(), ['--workers', '1']);
    expect(await workersOf(cli)).toEqual([]);
    await cli.end('SIGINT');
  },
  patience,
);

test.each([
  ['save --workers 0', /--workers "0": write a whole number from 1 to 64/],
  ['filter --workers x', /--workers "x": write a whole number/],
  ['sync --workers 1000', /--workers "1000": write a whole number from 1 to 64/],
  ['save --workers 2 --isolate -- true', /--isolate contradicts --workers 2: leave one/],
  ['mock a.har --workers 2', /unknown option '--workers'/],
])('pmproxy %s is wrong usage', async (args, said) => {
  const cli = startCli(await newPlace(), args.split(' '));
  const { code, stderr } = await cli.ended;
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(said);
  expect(code).toBe(2);
});
