import { describe, expect } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { startWithBrowser, untilGone } from '../helpers/browsers.ts';
import { newPlace, pathsIn } from '../helpers/cli.ts';
import { firstThatWorks, testWith } from '../helpers/clients.ts';
import { startVisitedSite } from '../helpers/visited-site.ts';

const program = firstThatWorks(['firefox-esr', 'firefox'], '--version');
const withFirefox = testWith(program, '--version');
/** A browser and a program start; on a busy machine that takes its time. */
const patience = 240_000;

const headless = ['--browser', program, '--browser-arg', '--headless'];

describe('Firefox, started by --browser', { timeout: patience }, () => {
  withFirefox('is recorded from its login to its last page, and trusts pmproxy', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const { plain, secure } = site;
    const urls = [`${secure.url}/`, `${plain.url}/second`];
    const args = ['save', ...headless, '-o', 'shop.json', '-o', 'shop.har', '--', ...urls];
    const cli = await startWithBrowser(place, args);
    await site.done();
    const pid = await cli.browserPid();
    const [profile = ''] = await cli.profiles();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    await untilGone(pid, profile);
    expect(stderr).toContain('Started Firefox with a new profile.');
    expect(stderr).not.toMatch(/must trust|does not trust/);
    const collection = await place.read('shop.json');
    expect(pathsIn(collection)).toEqual(
      expect.arrayContaining(['/', '/login', '/home', '/api/cart', '/secure', '/second']),
    );
    expect(collection).not.toContain('correct-horse-battery');
    const { entries } = (await place.json<Har>('shop.har')).log;
    const recorded = entries.map(({ request }) => request.url);
    expect(recorded).toEqual(
      expect.arrayContaining([
        `http://localhost:${plain.port}/by-name`,
        `http://127.0.0.1:${plain.port}/by-address`,
        `https://localhost:${secure.port}/secure`,
        `wss://localhost:${secure.port}/socket`,
      ]),
    );
    expect(recorded.filter((url) => !/^\w+:\/\/(localhost|127\.0\.0\.1):/.test(url))).toEqual([]);
    expect(site.seen).toContain(`GET ${secure.host}/home session=9f8e7d6c5b4a39281706`);
  });

  withFirefox('ends the recording with its own end', async () => {
    const [place, site] = await Promise.all([newPlace(), startVisitedSite()]);
    const args = ['save', ...headless, '-o', 'shop.json', '--', `${site.secure.url}/`];
    const cli = await startWithBrowser(place, args);
    await site.done();
    process.kill(await cli.browserPid(), 'SIGKILL');
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(137);
    expect(stderr).toContain('Firefox did not close normally (SIGKILL).');
    expect(pathsIn(await place.read('shop.json'))).toContain('/home');
    expect(await cli.profiles()).toEqual([]);
  });
});
