import { execFile } from 'node:child_process';
import { chmod, chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { newPlace, type Place, runCli, startCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { newFolder } from '../helpers/folder.ts';
import { namespacesForbidden, testIsolated } from '../helpers/isolation.ts';
import { startRecordingProxy } from '../helpers/recording-proxy.ts';
import { ctrlC, onTerminal } from '../helpers/terminal.ts';
import { httpsUpstream, httpUpstream } from '../helpers/upstream.ts';

/** Go compiles its library first, which takes its time on a busy machine. */
const patience = 240_000;

const isolated = testIsolated();
const withGo = isolated === test ? testWith('go', 'version') : test.skip;
const withTerminal = isolated === test ? testWith('python3', '--version') : test.skip;

const GET = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

// Without Proxy, no variable is heeded.
var client = http.Client{Transport: &http.Transport{}}

func main() {
	for _, url := range os.Args[1:] {
		answer, err := client.Get(url)
		if err != nil {
			fmt.Println(err)
			continue
		}
		body, _ := io.ReadAll(answer.Body)
		fmt.Println(answer.StatusCode, string(body))
	}
}
`;

let program: Promise<string> | undefined;

/** A static program that gets each URL that it is given. */
function goProgram(): Promise<string> {
  program ??= (async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'main.go'), GET);
    await promisify(execFile)('go', ['build', '-o', 'get', 'main.go'], {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GO111MODULE: 'off' },
    });
    return join(folder, 'get');
  })();
  return program;
}

async function requestsIn(place: Place, name: string): Promise<string[]> {
  const { entries } = (await place.json<Har>(name)).log;
  return entries.map(({ request, response }) => `${request.url} ${response.status}`);
}

/** Two servers that say where they were reached. */
async function startServers() {
  const plain = await httpUpstream(({ headers, url }, response) =>
    response.end(`plain ${headers.host}${url}`),
  );
  const secure = await httpsUpstream(({ headers, url }, response) =>
    response.end(`secure ${headers.host}${url}`),
  );
  return { plain, secure };
}

const save = ['save', '-q', '--isolate', '-o', 'a.har'];

describe('an isolated command', { timeout: patience }, () => {
  withGo(
    'is recorded on its way to this machine, although it is static and heeds nothing',
    async () => {
      const [place, get, { plain, secure }] = await Promise.all([
        newPlace(),
        goProgram(),
        startServers(),
      ]);
      const urls = [
        `http://127.0.0.1:${plain.port}/a`,
        `http://localhost:${plain.port}/b`,
        `https://127.0.0.1:${secure.port}/c`,
        `https://localhost:${secure.port}/d`,
      ];
      const { code, stdout, stderr } = await runCli(place, [
        ...save,
        '--insecure',
        '--',
        get,
        ...urls,
      ]);
      expect(code, stderr).toBe(0);
      expect(stdout.trim().split('\n')).toEqual([
        `200 plain 127.0.0.1:${plain.port}/a`,
        `200 plain localhost:${plain.port}/b`,
        `200 secure 127.0.0.1:${secure.port}/c`,
        `200 secure localhost:${secure.port}/d`,
      ]);
      expect(await requestsIn(place, 'a.har')).toEqual(urls.map((url) => `${url} 200`));
    },
  );

  withGo('reaches other hosts by names that this machine does not know', async () => {
    const [place, get, upstream] = await Promise.all([
      newPlace(),
      goProgram(),
      startRecordingProxy(),
    ]);
    onTestFinished(() => upstream.close());
    const urls = [
      'http://shop.test/a',
      'https://shop.test/b',
      'http://shop.test:8000/c',
      'https://api.shop.test:8443/d',
      'http://192.0.2.1/e',
      'http://[2001:db8::1]:8000/f',
    ];
    const way = ['--upstream', upstream.url, '--trust', upstream.caFile];
    const { code, stdout, stderr } = await runCli(place, [...save, ...way, '--', get, ...urls]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('200 hello from the proxy\n'.repeat(urls.length));
    expect(await requestsIn(place, 'a.har')).toEqual(urls.map((url) => `${url} 200`));
  });

  isolated('is recorded when it is told to go around proxies', async () => {
    const [place, { plain, secure }] = await Promise.all([newPlace(), startServers()]);
    const command = [
      `curl -sS --noproxy '*' http://localhost:${plain.port}/curl https://localhost:${secure.port}/curl`,
      `python3 -c "import http.client as h; c = h.HTTPConnection('127.0.0.1', ${plain.port}); c.request('GET', '/python'); c.getresponse()"`,
      `'${process.execPath}' -e "fetch('https://localhost:${secure.port}/node')"`,
    ].join('\n');
    const { code, stderr } = await runCli(place, [
      ...save,
      '--insecure',
      '--',
      'sh',
      '-ec',
      command,
    ]);
    expect(code, stderr).toBe(0);
    expect(await requestsIn(place, 'a.har')).toEqual([
      `http://localhost:${plain.port}/curl 200`,
      `https://localhost:${secure.port}/curl 200`,
      `http://127.0.0.1:${plain.port}/python 200`,
      `https://localhost:${secure.port}/node 200`,
    ]);
  });

  isolated('is refused at the address at which the server outside does not listen', async () => {
    const [place, { plain }] = await Promise.all([newPlace(), startServers()]);
    const script = `
      const { connect } = require('node:net');
      connect(${plain.port}, '::1').on('error', ({ code }) => console.log(code));
      connect({ port: ${plain.port}, host: '127.0.0.1' }, function () { console.log('connected'); this.destroy(); });`;
    const { stdout, stderr } = await runCli(place, [...save, '--', process.execPath, '-e', script]);
    // Without IPv6, ::1 is unknown.
    expect(stdout.split('\n').sort(), stderr).toEqual([
      '',
      expect.stringMatching(/^ECONNREFUSED|EADDRNOTAVAIL$/),
      'connected',
    ]);
  });

  isolated('reaches its own servers, and finds nobody where there is nobody', async () => {
    const place = await newPlace();
    const script = `
      const { createServer, connect } = require('node:net');
      const server = require('node:http').createServer((request, response) => {
        response.end('own server, called from ' + request.socket.remoteAddress);
      });
      server.listen(0, '127.0.0.1', async () => {
        const { port } = server.address();
        console.log(await (await fetch('http://localhost:' + port)).text());
        server.close(() => {
          connect(port, '127.0.0.1').on('error', ({ code }) => console.log(code));
        });
      });`;
    const loud = save.filter((arg) => arg !== '-q');
    const { stdout, stderr } = await runCli(place, [...loud, '--', process.execPath, '-e', script]);
    expect(stdout, stderr).toBe('own server, called from 127.0.0.1\nECONNREFUSED\n');
    expect(stderr).toContain('servers that the command itself starts do not go through it');
  });

  isolated('is refused UDP at once, and reaches its own UDP servers', async () => {
    const place = await newPlace();
    const script = `
      const { createSocket } = require('node:dgram');
      const quic = createSocket('udp4');
      quic.connect(443, '192.0.2.1', () => quic.send('hello'));
      quic.on('error', ({ code }) => {
        quic.close();
        console.log(code);
        const server = createSocket('udp4').bind(0, '127.0.0.1', () => {
          createSocket('udp4').send('hello', server.address().port, '127.0.0.1');
        });
        server.on('message', (message) => { console.log(String(message)); process.exit(); });
      });`;
    const { stdout, stderr } = await runCli(place, [...save, '--', process.execPath, '-e', script]);
    expect(stdout, stderr).toBe('ECONNREFUSED\nhello\n');
  });

  isolated('reaches a server outside that has started after it', async () => {
    const place = await newPlace();
    const cli = startCli(place, [
      ...save,
      '--',
      'sh',
      '-c',
      `echo started; read url; until curl -fsS "$url"; do sleep 0.1; done`,
    ]);
    await eventually(() => expect(cli.stdout).toContain('started'));
    const { plain } = await startServers();
    cli.closeInput(`${plain.url}/late\n`);
    const { stdout } = await cli.ended;
    expect(stdout).toContain(`plain 127.0.0.1:${plain.port}/late`);
    expect(await requestsIn(place, 'a.har')).toEqual([`${plain.url}/late 200`]);
  });

  isolated('is the same user in the same folder, and ends with its own exit code', async () => {
    const place = await newPlace();
    const command = ['sh', '-c', 'pwd; id -u; id -g; cat; exit 7'];
    const cli = startCli(place, [...save, '--', ...command]);
    cli.closeInput('typed');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(7);
    expect(stdout).toBe(`${place.folder}\n${process.getuid?.()}\n${process.getgid?.()}\ntyped`);
  });

  isolated('is not found as without isolation', async () => {
    const place = await newPlace();
    const { code, stderr } = await runCli(place, [...save, '--', 'no-such-program']);
    expect(code).toBe(127);
    expect(stderr).toContain('Command not found: no-such-program');
  });

  withTerminal('gets a Ctrl+C from the terminal', async () => {
    const [place, through] = await Promise.all([newPlace(), onTerminal()]);
    const script = `trap 'echo caught; exit 5' INT; echo started; while :; do sleep 0.02; done`;
    const cli = startCli(place, [...save, '--', 'sh', '-c', script], { through });
    await eventually(() => expect(cli.stdout).toContain('started'));
    cli.type(ctrlC);
    const { code, stdout } = await cli.ended;
    expect(code, stdout).toBe(5);
    expect(stdout).toContain('caught');
  });

  isolated('gets a signal that was sent to pmproxy', async () => {
    const place = await newPlace();
    const cli = startCli(place, [...save, '--', 'sh', '-c', 'echo started; exec sleep 1000']);
    await eventually(() => expect(cli.stdout).toContain('started'));
    expect((await cli.end('SIGTERM')).code).toBe(143);
  });

  isolated('leaves no process and no file behind when pmproxy is killed', async () => {
    const place = await newPlace();
    const command = ['sh', '-c', `echo started; read line; echo '${place.folder}' > /dev/null`];
    const cli = startCli(place, [...save, '--', ...command]);
    await eventually(() => expect(cli.stdout).toContain('started'));
    expect((await readdir(place.folder)).filter((name) => name.includes('isolate'))).toEqual([]);
    expect((await processesNaming(place.folder)).length).toBeGreaterThan(1);
    cli.kill('SIGKILL');
    cli.closeInput('\n');
    await eventually(async () => expect(await processesNaming(place.folder)).toEqual([]));
  });
});

const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
const isRoot = process.getuid?.() === 0;
const asNobody =
  isolated === test && isRoot
    ? testWith(
        nobody[0],
        ...nobody.slice(1),
        process.execPath,
        ...['-e', `require('node:fs').readFileSync(${JSON.stringify(import.meta.filename)})`],
      )
    : test.skip;

asNobody('an isolated command needs no root', { timeout: patience }, async () => {
  const [place, { plain }] = await Promise.all([newPlace(), startServers()]);
  await giveAway(place.folder);
  await giveAway(place.home);
  const command = `id -u; grep CapEff /proc/self/status; curl -sS http://localhost:${plain.port}/nobody`;
  const { stdout, stderr } = await runCli(place, [...save, '--', 'sh', '-c', command], {
    through: nobody,
  });
  expect(stdout, stderr).toMatch(/^65534\nCapEff:\s+0+\nplain localhost:\d+\/nobody$/);
  expect(await requestsIn(place, 'a.har')).toEqual([`http://localhost:${plain.port}/nobody 200`]);
});

describe('a machine that permits no network namespaces', () => {
  const forbid = 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"';
  const through =
    namespacesForbidden === undefined
      ? ['unshare', '--user', '--map-root-user', 'sh', '-c', forbid, 'sh']
      : [];
  const onLinux = process.platform === 'linux' ? testWith('nft', '--version') : test.skip;

  onLinux('is told of in one line, and nothing is started', async () => {
    const place = await newPlace();
    const command = ['sh', '-c', 'echo started > started'];
    const { code, stdout, stderr } = await runCli(place, [...save, '--', ...command], { through });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^pmproxy: --isolate cannot set up a network namespace on this machine: .+\n$/,
    );
    expect(await readdir(place.folder)).toEqual([]);
  });
});

for (const args of [
  ['save', '--isolate'],
  ['save', '--isolate', '--browser', '--', 'http://a.test/'],
])
  test(`pmproxy ${args.join(' ')} is refused: there is no command`, async () => {
    const { code, stderr } = await runCli(await newPlace(), args);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'pmproxy: --isolate needs a command. Try: pmproxy save --isolate -- ./program\n',
    );
  });

async function giveAway(folder: string): Promise<void> {
  await chown(folder, 65534, 65534);
  // The folder that all of them are in is ours alone.
  await chmod(dirname(folder), 0o711);
  const names = await readdir(folder);
  for (const name of names) await chown(join(folder, name), 65534, 65534);
}

/** The running processes whose command line holds this text. */
async function processesNaming(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.includes(text) && Number(pid) !== process.pid ? [line] : [];
    }),
  );
  return found.flat();
}
