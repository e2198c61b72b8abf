import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { isRunning } from '../../src/running-process.ts';
import { startWithBrowser, untilGone } from '../helpers/browsers.ts';
import { journalsOf, newPlace, pathsIn, runCli } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { readJournal } from '../helpers/journal.ts';
import { httpUpstream } from '../helpers/upstream.ts';
import { startVisitedSite } from '../helpers/visited-site.ts';

const program = '/usr/bin/chromium';
const withChromium = testWith(program, '--version');
/** A browser and a program start; on a busy machine that takes its time. */
const patience = 240_000;

const headless = ['--browser', 'chromium', '--browser-arg', '--headless=new'];

describe('Chromium, started by --browser', { timeout: patience }, () => {
  withChromium('is recorded from its login to its last page, and ends the recording', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const { plain, secure } = site;
    const args = ['save', ...headless, '-o', 'shop.json', '-o', 'shop.har', '--', `${secure.url}/`];
    const cli = await startWithBrowser(place, args);
    await site.done();
    process.kill(await cli.browserPid(), 'SIGTERM');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Started Chromium with a new profile.');
    expect(stderr).not.toMatch(/must trust|does not trust/);
    const collection = await place.read('shop.json');
    expect(pathsIn(collection)).toEqual(
      expect.arrayContaining(['/', '/login', '/home', '/api/cart', '/secure']),
    );
    expect(collection).not.toContain('correct-horse-battery');
    const { entries } = (await place.json<Har>('shop.har')).log;
    const urls = entries.map(({ request }) => request.url);
    expect(urls).toEqual(
      expect.arrayContaining([
        `http://localhost:${plain.port}/by-name`,
        `http://127.0.0.1:${plain.port}/by-address`,
        `https://localhost:${secure.port}/secure`,
        `wss://localhost:${secure.port}/socket`,
      ]),
    );
    // Its own traffic passes, and is not recorded.
    expect(urls.filter((url) => !/^\w+:\/\/(localhost|127\.0\.0\.1):/.test(url))).toEqual([]);
    expect(site.seen).toContain(`GET ${secure.host}/home session=9f8e7d6c5b4a39281706`);
    expect(await cli.profiles()).toEqual([]);
  });

  withChromium('is closed by Ctrl+C, and the files are written after that', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const args = ['save', ...headless, '-o', 'shop.json', '--', `${site.plain.url}/`];
    const cli = await startWithBrowser(place, args);
    await site.done();
    const pid = await cli.browserPid();
    const [profile = ''] = await cli.profiles();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    await untilGone(pid, profile);
    expect(pathsIn(await place.read('shop.json'))).toContain('/by-address');
  });

  withChromium('makes the exit code of its crash ours, and is recorded until then', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const args = ['save', ...headless, '-o', 'shop.json', '--', `${site.plain.url}/`];
    const cli = await startWithBrowser(place, args);
    await site.done();
    process.kill(await cli.browserPid(), 'SIGKILL');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(137);
    expect(stderr).toContain('Chromium did not close normally (SIGKILL).');
    expect(pathsIn(await place.read('shop.json'))).toContain('/home');
    expect(await cli.profiles()).toEqual([]);
  });

  withChromium('is waited for when its launcher ends first', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const launcher = place.path('launcher');
    await writeFile(launcher, `#!/bin/sh\n'${program}' "$@" &\n`, { mode: 0o755 });
    const args = ['save', '--browser', launcher, '--browser-arg', '--headless=new'];
    const cli = await startWithBrowser(place, [...args, '-o', 'a.json', '--', site.plain.url]);
    await site.done();
    process.kill(await cli.browserPid(), 'SIGTERM');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(0);
    expect(pathsIn(await place.read('a.json'))).toContain('/home');
  });

  withChromium('ends the recording although a program that it opened goes on', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const [launcher, pidFile] = [place.path('launcher'), place.path('pid')];
    const script = `#!/bin/sh\nsleep 600 &\necho $! > '${pidFile}'\nexec '${program}' "$@"\n`;
    await writeFile(launcher, script, { mode: 0o755 });
    const args = ['save', '--browser', launcher, '--browser-arg', '--headless=new'];
    const cli = await startWithBrowser(place, [...args, '-o', 'a.json', '--', site.plain.url]);
    await site.done();
    const opened = Number(await readFile(pidFile, 'utf8'));
    onTestFinished(() => void process.kill(opened, 'SIGKILL'));
    process.kill(await cli.browserPid(), 'SIGTERM');
    expect((await cli.ended).code).toBe(0);
    expect(isRunning(opened)).toBe(true);
  });

  withChromium('is closed when pmproxy is killed', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const cli = await startWithBrowser(place, ['save', ...headless, '--', site.plain.url]);
    await site.done();
    const pid = await cli.browserPid();
    const [profile = ''] = await cli.profiles();
    cli.kill('SIGKILL');
    await untilGone(pid, profile);
  });

  withChromium('removes the profile that a killed pmproxy has left', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const abandoned = place.path('pmproxy-browser-left');
    await mkdir(abandoned);
    await writeFile(`${abandoned}/pmproxy.json`, '{"pid":99999999}');
    const cli = await startWithBrowser(place, ['save', ...headless, '--', site.plain.url]);
    await site.done();
    const [only, ...others] = await cli.profiles();
    expect([only === abandoned, others]).toEqual([false, []]);
    expect((await cli.end('SIGINT')).code).toBe(0);
  });

  withChromium('sends marked headers for a page of an allowed origin', async () => {
    const origins: (string | undefined)[] = [];
    const api = await httpUpstream(({ headers }, response) => {
      origins.push(headers.origin);
      response.end();
    });
    const client = await httpUpstream(({ url }, response) => {
      response.setHeader('Content-Type', 'text/html');
      if (url === '/')
        response.end(
          `<script>fetch('${api.url}', { headers: { 'Postman-Origin': 'http://a.test' } })</script>`,
        );
      else response.end();
    });
    const args = ['filter', ...headless, '--allow-origin', client.url, '--', `${client.url}/`];
    const cli = await startWithBrowser(await newPlace(), args);
    await cli.says(/set Origin/);
    expect(origins).toEqual(['http://a.test']);
    expect((await cli.end('SIGINT')).code).toBe(0);
  });

  withChromium(
    'is part of the recording with its own traffic where --host asks for it',
    async () => {
      const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
      const args = ['save', ...headless, '--host', '*', '--', site.plain.url];
      const cli = await startWithBrowser(place, args);
      await site.done();
      const [journal = ''] = await journalsOf(place);
      await eventually(async () => {
        const hosts = (await readJournal(journal)).map(({ request }) => new URL(request.url).host);
        expect(hosts).toContainEqual(expect.stringMatching(/google(apis)?\.com$/));
      });
      expect((await cli.end('SIGINT')).code).toBe(0);
    },
  );
});

describe('--browser', () => {
  withChromium('that cannot open a window leaves no files, and says what to add', async () => {
    const place = await newPlace();
    const args = ['save', '--browser', 'chromium', '-o', 'shop.json'];
    const { code, stderr } = await (await startWithBrowser(place, args)).ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('Chromium did not close normally (exit code 1).');
    expect(stderr).toContain('Without a desktop, add: --browser-arg --headless');
    await expect(place.read('shop.json')).rejects.toThrow('ENOENT');
  });

  withChromium.each([
    [['--browser', 'chromium', '--', 'npm', 'test'], /^pmproxy: Not a URL: npm\./],
    [['--browser', 'netscape'], /^pmproxy: No such browser: netscape\. Found: .*chromium/],
    [['--browser', './there-is-none'], /^pmproxy: No such browser: \.\/there-is-none\./],
    [['--browser-arg', '--headless'], /^pmproxy: --browser-arg --headless needs --browser\./],
    [
      [...headless, '--', 'http://a.test', 'http://b.test'],
      /^pmproxy: Chromium opens one URL with --headless, not 2/,
    ],
  ])('%j is refused in one line', async (args, message) => {
    for (const command of ['save', 'filter', 'sync']) {
      const { code, stderr } = await runCli(await newPlace(), [command, ...args]);
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});
