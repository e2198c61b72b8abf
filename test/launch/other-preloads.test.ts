import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { writeClientFiles } from '../../src/launch/client-files.ts';
import { childEnvironment } from '../../src/launch/environment.ts';
import { testWith } from '../helpers/clients.ts';
import { type RecordingProxy, startRecordingProxy } from '../helpers/recording-proxy.ts';

let proxy: RecordingProxy;
let env: Record<string, string>;

beforeAll(async () => {
  proxy = await startRecordingProxy();
  const { VITEST: _, ...ambient } = process.env;
  const files = await writeClientFiles(proxy.folder, proxy.caFile, ambient);
  env = childEnvironment(ambient, { proxyUrl: proxy.url, ...files });
});
afterAll(() => proxy.close());
beforeEach(() => {
  proxy.requests.splice(0);
  proxy.tunnels.splice(0);
});

async function run(command: string, args: string[], more: Record<string, string> = {}) {
  const options = { env: { ...env, ...more }, extendEnv: false, cwd: proxy.folder };
  return (await execa(command, args, { ...options, timeout: 100_000 })).stdout;
}

describe('Python', () => {
  const python = testWith('python3', '--version');

  python("loads the user's sitecustomize after ours", async () => {
    const folder = join(proxy.folder, 'own-python');
    await mkdir(folder);
    await writeFile(join(folder, 'sitecustomize.py'), 'print("own", __name__)');
    const own = { PYTHONPATH: `${env['PYTHONPATH']}${delimiter}${folder}` };
    const stdout = await run('python3', ['-c', 'print("program")'], own);
    expect(stdout.split('\n')).toEqual(['own sitecustomize', 'program']);
  });

  python('connects to databases and the ports of PMPROXY_DIRECT_PORTS directly', async () => {
    const code = `
import asyncio, socket
for port in (5432, 7001):
    try: socket.create_connection(("plain.test", port))
    except socket.gaierror: print("unknown")
    try: asyncio.run(asyncio.open_connection("plain.test", port))
    except socket.gaierror: print("unknown")`;
    const stdout = await run('python3', ['-c', code], { PMPROXY_DIRECT_PORTS: '7001' });
    expect(stdout).toBe('unknown\nunknown\nunknown\nunknown');
    expect(proxy.tunnels).toEqual([]);
  });

  python('is refused by a port of this machine where nobody listens', async () => {
    const code = `
import socket
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
server.close()
try: socket.create_connection(("127.0.0.1", port))
except ConnectionRefusedError: print("refused")`;
    expect(await run('python3', ['-c', code])).toBe('refused');
    expect(proxy.tunnels).toEqual([]);
  });

  python('opens tunnels for asyncio, with and without TLS', async () => {
    const code = `
import asyncio
async def get(port, **options):
    reader, writer = await asyncio.open_connection("secure.test", port, **options)
    writer.write(b"GET /stream HTTP/1.1\\r\\nHost: secure.test\\r\\nConnection: close\\r\\n\\r\\n")
    print((await reader.readline()).decode().strip())
    writer.close()
asyncio.run(get(80))
asyncio.run(get(443, ssl=True))`;
    const stdout = await run('python3', ['-c', code]);
    expect(stdout).toBe('HTTP/1.1 200 OK\nHTTP/1.1 200 OK');
    expect(proxy.tunnels).toEqual(['secure.test:80', 'secure.test:443']);
  });

  python('trusts our authority also where a program names its own', async () => {
    const code = `
import ssl
from urllib.request import urlopen
context = ssl.create_default_context(cafile=${JSON.stringify('/etc/ssl/certs/ca-certificates.crt')})
print(urlopen("https://secure.test/own", context=context).status)`;
    expect(await run('python3', ['-c', code])).toBe('200');
  });
});

describe('Ruby', () => {
  testWith('ruby', '--version')('loads no library for it', async () => {
    expect(await run('ruby', ['-e', 'p defined?(URI)'])).toBe('nil');
  });
});

describe('PHP', () => {
  testWith('php', '--version')("loads the file that the user's settings name, too", async () => {
    const folder = join(proxy.folder, 'own-php');
    await mkdir(folder);
    await writeFile(join(folder, 'own.php'), '<?php echo "own ";');
    await writeFile(join(folder, 'own.ini'), `auto_prepend_file="${join(folder, 'own.php')}"\n`);
    await writeFile(
      join(folder, 'script.php'),
      '<?php echo file_get_contents("http://plain.test/");',
    );
    const own = { PHP_INI_SCAN_DIR: `${folder}${env['PHP_INI_SCAN_DIR']}` };
    const stdout = await run('php', [join(folder, 'script.php')], own);
    expect(stdout).toBe('own hello from the proxy');
  });
});
