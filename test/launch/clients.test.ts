import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeClientFiles } from '../../src/launch/client-files.ts';
import { childEnvironment, NODE_PRELOAD_FILE, nodeOption } from '../../src/launch/environment.ts';
import { firstThatWorks, testWith } from '../helpers/clients.ts';
import { type RecordingProxy, startRecordingProxy } from '../helpers/recording-proxy.ts';

// Names that resolve nowhere: what is answered was answered by the proxy.
const HTTP = 'http://plain.test/a?b=c';
const HTTPS = 'https://secure.test/d?e=f';
const BOTH = [`GET ${HTTP}`, `GET ${HTTPS}`];

let proxy: RecordingProxy;
let env: Record<string, string>;

beforeAll(async () => {
  proxy = await startRecordingProxy();
  const { VITEST: _, ...ambient } = process.env;
  const hostile = {
    ...ambient,
    NO_PROXY: '*',
    no_proxy: '*',
    https_proxy: 'http://127.0.0.1:1',
    REQUESTS_CA_BUNDLE: '/nowhere.pem',
  };
  const files = await writeClientFiles(proxy.folder, proxy.caFile, hostile);
  env = childEnvironment(hostile, { proxyUrl: proxy.url, ...files });
});
afterAll(() => proxy.close());
beforeEach(() => {
  proxy.requests.splice(0);
  proxy.tunnels.splice(0);
});

async function run(command: string, ...args: string[]) {
  // Not in this package, so that nothing of ours can be found from there.
  return execa(command, args, { env, extendEnv: false, cwd: proxy.folder, timeout: 100_000 });
}

const node = (code: string) => run(process.execPath, '--input-type=module', '-e', code);

testWith('curl', '--version')('curl is recorded and trusts', async () => {
  await run('curl', '-sS', '--fail', HTTP, HTTPS);
  expect(proxy.requests).toEqual(BOTH);
});

testWith('wget', '--version')('wget is recorded and trusts', async () => {
  await run('wget', '-q', '-O', '-', HTTP, HTTPS);
  expect(proxy.requests).toEqual(BOTH);
});

testWith('git', '--version')('git is recorded and trusts', async () => {
  const { stderr } = await execa('git', ['ls-remote', 'https://secure.test/x.git'], {
    env,
    extendEnv: false,
    cwd: proxy.folder,
    reject: false,
  });
  expect(proxy.requests[0], stderr).toMatch(/^GET https:\/\/secure\.test\/x\.git\/info\/refs/);
});

describe('Python', () => {
  testWith('python3', '--version')('urllib is recorded and trusts', async () => {
    const code = `import urllib.request as r\nfor u in ('${HTTP}', '${HTTPS}'): r.urlopen(u).read()`;
    await run('python3', '-c', code);
    expect(proxy.requests).toEqual(BOTH);
  });

  testWith(
    'python3',
    '-c',
    'import requests',
  )('requests is recorded and trusts', async () => {
    const code = `import requests\nfor u in ('${HTTP}', '${HTTPS}'): requests.get(u).raise_for_status()`;
    await run('python3', '-c', code);
    expect(proxy.requests).toEqual(BOTH);
  });
});

describe("Python's aiohttp", () => {
  // Debian's package is for Debian's Python, which need not be the first in PATH.
  const needed = ['-c', 'import aiohttp'];
  const python = firstThatWorks(['python3', '/usr/bin/python3'], ...needed);

  testWith(python, ...needed)('is recorded and trusts', async () => {
    const code = `import aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as session:
        for url in ('${HTTP}', '${HTTPS}'):
            async with session.get(url) as answer: await answer.text()
asyncio.run(main())`;
    await run(python, '-c', code);
    expect(proxy.requests).toEqual(BOTH);
  });

  testWith('python3', '--version')(
    'is configured by a module that does not hide another one with the same name',
    async () => {
      const folder = join(proxy.folder, 'own-python');
      await mkdir(folder);
      await writeFile(join(folder, 'sitecustomize.py'), 'print("own", __name__)');
      const own = { ...env, PYTHONPATH: `${env['PYTHONPATH']}${delimiter}${folder}` };
      const { stdout } = await execa('python3', ['-c', 'print("program")'], { env: own });
      expect(stdout.split('\n')).toEqual(['own sitecustomize', 'program']);
    },
  );
});

// The launcher compiles it, which takes its time on a busy machine.
testWith('javac', '--version')(
  'Java is recorded and trusts',
  async () => {
    const program = join(proxy.folder, 'Get.java');
    await writeFile(
      program,
      `class Get {
         public static void main(String[] urls) throws Exception {
           for (String url : urls) new java.net.URL(url).openStream().readAllBytes();
         }
       }`,
    );
    const { stderr } = await execa('java', [program, HTTP, HTTPS], {
      env,
      extendEnv: false,
      reject: false,
    });
    expect(proxy.requests, stderr).toEqual(BOTH);
  },
  120_000,
);

// Each heeds NODE_OPTIONS and the proxy variables by itself.
const runtimes = {
  Deno: ['deno', 'run', '--allow-all', '--no-lock'],
  Bun: ['bun', 'run'],
} as const;

describe.each(Object.entries(runtimes))('%s', (_, [program, ...args]) => {
  async function runModule(code: string) {
    const file = join(proxy.folder, `${program}.mjs`);
    await writeFile(file, code);
    const own = { ...env, DENO_DIR: join(proxy.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
    const options = { env: own, extendEnv: false, cwd: proxy.folder, timeout: 100_000 };
    return execa(program, [...args, file], options);
  }

  testWith(program, '--version')('fetch is recorded and trusts', async () => {
    await runModule(`for (const url of ['${HTTP}', '${HTTPS}']) await (await fetch(url)).text();`);
    expect(proxy.requests).toEqual(BOTH);
  });

  testWith(program, '--version')('node:http and node:https are recorded and trust', async () => {
    await runModule(`
      import http from 'node:http';
      import https from 'node:https';
      const get = (module, url) => new Promise((resolve, reject) => {
        module.get(url, (answer) => answer.resume().on('end', resolve)).on('error', reject);
      });
      await get(http, '${HTTP}');
      await get(https, '${HTTPS}');`);
    expect(proxy.requests).toEqual(BOTH);
  });
});

describe('Node', () => {
  test('http.get and https.get are recorded and trust', async () => {
    await node(`
      import http, { get } from 'node:http';
      import { once } from 'node:events';
      import https from 'node:https';
      for (const [module, url] of [[{ get }, '${HTTP}'], [https, '${HTTPS}']]) {
        const [response] = await once(module.get(url), 'response');
        await response.resume().toArray();
      }`);
    expect(proxy.requests).toEqual(BOTH);
  });

  test('fetch is recorded and trusts', async () => {
    await node(`for (const url of ['${HTTP}', '${HTTPS}']) await (await fetch(url)).text();`);
    expect(proxy.requests).toEqual(BOTH);
  });

  test('fetch in a worker thread is recorded', async () => {
    await node(`
      import { Worker } from 'node:worker_threads';
      new Worker("fetch('${HTTPS}').then((response) => response.text())", { eval: true });`);
    expect(proxy.requests).toEqual([`GET ${HTTPS}`]);
  });

  test('connections are kept alive and reused', async () => {
    await node(`
      import https from 'node:https';
      import { once } from 'node:events';
      for (let i = 0; i < 3; i++) {
        const [response] = await once(https.get('${HTTPS}'), 'response');
        await response.resume().toArray();
      }`);
    expect(proxy.requests).toHaveLength(3);
    expect(proxy.tunnels).toEqual(['secure.test:443']);
  });

  test('requests are sent unchanged', async () => {
    await node(`
      import http from 'node:http';
      import { once } from 'node:events';
      const request = http.request({ host: 'plain.test', port: 81, path: '//a/../b', headers: { Host: 'other.test' } });
      const [response] = await once(request.end(), 'response');
      await response.resume().toArray();`);
    expect(proxy.tunnels).toEqual(['plain.test:81']);
    expect(proxy.requests).toEqual(['GET http://plain.test:81//a/../b']);
  });

  test('a program that chose its own agent or dispatcher keeps it', async () => {
    const undici = import.meta.resolve('undici');
    await node(`
      const { MockAgent, setGlobalDispatcher, fetch } = (await import('${undici}')).default;
      const agent = new MockAgent();
      agent.get('${new URL(HTTP).origin}').intercept({ path: '/a?b=c' }).reply(200, 'mocked');
      setGlobalDispatcher(agent);
      if (await (await fetch('${HTTP}')).text() !== 'mocked') throw new Error('not mocked');`);
    expect(proxy.requests).toEqual([]);
  });

  test('a request to a socket path does not use the proxy', async () => {
    await node(`
      import http from 'node:http';
      import { once } from 'node:events';
      const server = http.createServer((request, response) => response.end('direct')).listen('${join(proxy.folder, 's')}');
      await once(server, 'listening');
      const [response] = await once(http.get({ socketPath: '${join(proxy.folder, 's')}', path: '/' }), 'response');
      await response.resume().toArray();
      server.closeAllConnections();
      server.close();`);
    expect(proxy.requests).toEqual([]);
  });

  test('a program without requests prints nothing and loads no HTTP client', async () => {
    const code = `console.log(Object.keys(require.cache).filter((file) => file.includes('undici')).length)`;
    const { stdout, stderr } = await run(process.execPath, '-e', code);
    expect([stdout, stderr]).toEqual(['0', '']);
  });

  test('a missing proxy fails the request, not the program', async () => {
    const dead = { ...env, HTTP_PROXY: 'http://127.0.0.1:1' };
    const code = `require('node:http').get('${HTTP}').on('error', (error) => console.log(error.code))`;
    const { stdout } = await execa(process.execPath, ['-e', code], { env: dead, extendEnv: false });
    expect(stdout).toBe('ECONNREFUSED');
  });

  test('a variable that is not a URL does not stop the program', async () => {
    const odd = { ...env, HTTP_PROXY: 'not a url' };
    const { stdout } = await execa(process.execPath, ['-p', '1 + 1'], {
      env: odd,
      extendEnv: false,
    });
    expect(stdout).toBe('2');
  });

  test.each(['deno', 'bun', 'electron'])(
    'a runtime that poses as Node and has %s in its versions keeps its agents',
    async (runtime) => {
      const disguise = join(proxy.folder, `${runtime}.cjs`);
      await writeFile(
        disguise,
        `const value = { ...process.versions, ${runtime}: '1' };
Object.defineProperty(process, 'versions', { value });`,
      );
      const file = nodeOption(disguise);
      const own = { ...env, NODE_OPTIONS: `--require ${file} ${env['NODE_OPTIONS']}` };
      const code = "console.log(require('node:http').globalAgent.constructor.name)";
      const { stdout } = await execa(process.execPath, ['-e', code], {
        env: own,
        extendEnv: false,
      });
      expect(stdout).toBe('Agent');
    },
  );

  test('a request that the proxy cannot carry fails alone, not the program', async () => {
    const { stdout } = await node(`
      import http from 'node:http';
      import https from 'node:https';
      const asked = [[http, { host: 'a b' }], [https, { host: 'secure.test', cert: 'no certificate' }]];
      for (const [module, options] of asked) {
        module.get(options).on('error', () => console.log('failed'));
      }`);
    expect(stdout).toBe('failed\nfailed');
  });

  test('the preload uses only syntax of Node 12 and 14', async () => {
    // A syntax error in it would end every program of theirs.
    expect(await readFile(NODE_PRELOAD_FILE, 'utf8')).not.toMatch(
      /\?\?|\?\.\D|\?\?=|\bstatic \{|#\w+ ?[(=;]/,
    );
  });
});
