import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { chromium } from 'playwright-core';
import { describe, expect, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Header } from '../../src/exchange.ts';
import { isRestrictedHeader } from '../../src/http/restricted-headers.ts';
import { openAuthority } from '../../src/proxy/authority.ts';
import { type ListeningCli, newPlace, type Place, runCli, startSave } from '../helpers/cli.ts';
import { pythonProgram, testWith } from '../helpers/clients.ts';
import type { Collection } from '../helpers/collections.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';
import { listen, type Upstream, upstreamAuthority } from '../helpers/upstream.ts';

/** A client, a proxy, perhaps a browser, and both runners start; on a busy machine that takes its time. */
const patience = 180_000;

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

// Browsers ask for an icon whenever they like, unless a page has one.
const NO_ICON = '<!doctype html><title>page</title><link rel="icon" href="data:,">';
const PAGE = `${NO_ICON}
<form method="post" action="/form"><input name="name" value="Ann"><input name="city" value="Bern"></form>
<script src="/app.js"></script>`;

const SCRIPT = `
(async () => {
  await (await fetch('/data.json?page=2', { headers: { 'X-Custom': 'from the page' } })).json();
  await fetch('/json', { method: 'POST', body: '{"a":[1,2]}', headers: { 'Content-Type': 'application/json' } });
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => { document.title = data; socket.close(); };
})();`;

const CONTENT: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/page.html': ['text/html', PAGE],
  '/form': ['text/html', NO_ICON],
  '/app.js': ['text/javascript', SCRIPT],
  '/data.json': ['application/json', '{"page":2}'],
};

/** Two servers, one over TLS, that record their requests and echo WebSocket messages. */
async function startServers(): Promise<{ seen: SeenRequest[]; plain: Upstream; secure: Upstream }> {
  const seen: SeenRequest[] = [];
  const answer: RequestListener = async (request, response) => {
    const { method = '', url: target = '', rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, at): Header[] =>
      at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
    );
    const body = Buffer.concat(await request.toArray());
    seen.push({ method, target, headers, body });
    const [type, text] = CONTENT[target.replace(/\?.*/, '')] ?? ['text/plain', 'seen'];
    response.writeHead(200, { 'content-type': type }).end(text);
  };
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const servers = [createServer(answer), createSecureServer({ key, cert }, answer)] as const;
  for (const server of servers) {
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`echo of ${data}`));
    });
  }
  const plain = await listen(servers[0], 'http', '127.0.0.1');
  const secure = await listen(servers[1], 'https', 'localhost');
  return { seen, plain, secure };
}

/** What must be the same each time a request is sent. */
function essence({ method, target, headers, body }: SeenRequest) {
  const kept = headers
    .filter(([name]) => !isRestrictedHeader(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort();
  return { method, target, headers: kept, body: body.toString('latin1') };
}

const inOrder = (requests: readonly SeenRequest[]) =>
  requests.map((request) => JSON.stringify(essence(request))).sort();

/** Replays t.json with every runner against a server of its own, which must see the same requests. */
async function expectReplays(place: Place, seen: readonly SeenRequest[]): Promise<void> {
  const { variable } = await place.json<Collection>('t.json');
  for (const runner of runnerNames) {
    const fresh = await startEchoServer();
    const hosts = variable.filter(({ value }) => /^https?:/.test(value));
    const values = Object.fromEntries(hosts.map(({ key }) => [key, fresh.origin]));
    await runCollection(runner, place.path('t.json'), values);
    // Identical requests are written once.
    expect([...new Set(inOrder(fresh.seen))], runner).toEqual([...new Set(inOrder(seen))]);
  }
}

/** Commands that ask both servers: each gets a URL and the name of a file with every byte. */
const commands = {
  curl: (url: string, file: string) => `
    curl -sSf -H 'X-Custom: a  b' '${url}/get?x=1&y=%20z&flag'
    curl -sSf -H 'Content-Type: application/json' -d '{"a": [1, 2.0]}' '${url}/json'
    curl -sSf -d 'name=Ann&city=Bern' '${url}/form'
    curl -sSf -T '${file}' '${url}/put'`,
  'curl --http2': (url: string, file: string) => `
    [ "$(curl -sSf --http2 -o /dev/null -w '%{http_version}' '${url}/get')" = ${url.startsWith('https') ? 2 : 1.1} ]
    curl -sSf --http2 -X PATCH -H 'Content-Type: application/octet-stream' --data-binary '@${file}' '${url}/patch'`,
  wget: (url: string, file: string) => `
    wget -q -O - --header 'X-Custom: a' '${url}/get?x=1'
    wget -q -O - --header 'Content-Type: application/octet-stream' --post-file '${file}' '${url}/post'`,
  'Node fetch': (url: string, file: string) => `
    '${process.execPath}' --input-type=module -e '
      import { readFileSync } from "node:fs";
      await (await fetch("${url}/get?x=1")).text();
      await (await fetch("${url}/post", { method: "POST", body: readFileSync("${file}") })).text();
      await (await fetch("${url}/form", { method: "POST", body: new URLSearchParams({ name: "Ann" }) })).text();
    '`,
  'Node http and https': (url: string, file: string) => `
    '${process.execPath}' -e '
      const { request } = require("${url.split(':')[0]}");
      const body = require("fs").readFileSync("${file}");
      const headers = { "X-Custom": "a", "Content-Type": "application/octet-stream" };
      request("${url}/put", { method: "PUT", headers }, (response) => response.resume()).end(body);
    '`,
  'Python urllib': (url: string, file: string) => `
    "$PYTHON" -c '
from urllib.request import Request, urlopen
urlopen("${url}/get?x=1").read()
body = open("${file}", "rb").read()
urlopen(Request("${url}/put", data=body, method="PUT", headers={"Content-Type": "application/octet-stream"})).read()
    '`,
  'Python requests': (url: string, _file: string) => `
    "$PYTHON" -c '
import requests
requests.get("${url}/get", params={"q": "a b"}).raise_for_status()
requests.post("${url}/json", json={"a": [1, 2]}).raise_for_status()
requests.post("${url}/form", data={"name": "Ann"}).raise_for_status()
    '`,
} as const;

const probes: Readonly<
  Record<keyof typeof commands, readonly [program: string, ...args: string[]]>
> = {
  curl: ['curl', '--version'],
  'curl --http2': ['sh', '-c', 'curl --version | grep -q HTTP2'],
  wget: ['wget', '--version'],
  'Node fetch': ['true'],
  'Node http and https': ['true'],
  'Python urllib': ['python3', '--version'],
  'Python requests': ['python3', '-c', 'import requests'],
};

describe('requests of a client over HTTP and HTTPS are recorded, and a runner replays them:', {
  timeout: patience,
}, () => {
  for (const [name, command] of Object.entries(commands)) {
    testWith(...probes[name as keyof typeof commands])(name, async () => {
      const { seen, plain, secure } = await startServers();
      const place = await newPlace();
      await writeFile(place.path('bytes.bin'), BYTES);
      const script = `set -e${[plain, secure].map(({ url }) => command(url, 'bytes.bin')).join('\n')}`;
      const args = ['save', '-o', 't.json', '--insecure', '--', 'sh', '-c', script];
      const env = name.startsWith('Python') ? { PYTHON: await pythonProgram() } : {};
      const { code, stderr } = await runCli(place, args, { env });
      expect(code, stderr).toBe(0);
      expect(seen.length).toBeGreaterThanOrEqual(2);
      await expectReplays(place, seen);
    });
  }
});

const CHROMIUM = '/usr/bin/chromium';
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium with a new profile that sends everything through the proxy and trusts its authority. */
async function startBrowser(cli: ListeningCli, { home }: Place) {
  const { spkiFingerprint } = await openAuthority(home);
  const context = await chromium.launch({
    executablePath: CHROMIUM,
    timeout: patience,
    args: [
      ...QUIET,
      `--proxy-server=${cli.proxy}`,
      '--proxy-bypass-list=<-loopback>',
      `--ignore-certificate-errors-spki-list=${spkiFingerprint}`,
    ],
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  return page;
}

describe('Chromium', { timeout: patience }, () => {
  testWith(CHROMIUM, '--version')(
    'is recorded with its page, script, JSON, form and WebSocket, over HTTP/1.1 and HTTP/2, and replayed',
    async () => {
      const { seen, plain, secure } = await startServers();
      const place = await newPlace();
      const args = ['-o', 't.json', '--insecure', '--host', '127.0.0.1', '--host', 'localhost'];
      const cli = await startSave(place, args);
      const page = await startBrowser(cli, place);
      for (const [{ url }, protocol] of [
        [plain, 'http/1.1'],
        [secure, 'h2'],
      ] as const) {
        await page.goto(`${url}/page.html`);
        await page.waitForFunction('document.title === "echo of hello"');
        expect(
          await page.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol'),
        ).toBe(protocol);
        await page.evaluate('document.forms[0].submit()');
        await page.waitForURL(`${url}/form`);
      }
      const { code, stderr } = await cli.end('SIGINT');
      expect(code, stderr).toBe(0);
      // A line when it opens, and one when it has ended.
      const ended = stderr.split('\n').filter((line) => line.includes('"msg":"exchange"'));
      expect(ended.filter((line) => /"url":"(ws|http)s?:[^"]*\/socket"/.test(line))).toHaveLength(
        2,
      );
      expect(seen.map(({ target }) => target)).toEqual(
        [plain, secure].flatMap(() => [
          '/page.html',
          '/app.js',
          '/data.json?page=2',
          '/json',
          '/form',
        ]),
      );
      await expectReplays(place, seen);
    },
  );
});
