/** What pmproxy adds to the start of a command and of a browser, in runs that alternate with those without it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../peers/index.js';
import { median } from '../statistics.js';
import { number, table } from '../tables.js';

/** In milliseconds. */
const targets = { whole: 500, processor: 500, command: 250, page: 300 };

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const headless = ['--headless=new', '--disable-gpu'];
const isRoot = process.getuid?.() === 0;

/**
 * @param {{runs: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureLaunch({ runs }) {
  const folder = mkdtempSync(join(tmpdir(), 'pmproxy-bench-launch-'));
  const env = { ...process.env, PMPROXY_HOME: join(folder, 'home') };
  const pages = await servePages();
  const pmproxy = (...args) => [
    process.execPath,
    join(root, 'bin/pmproxy.js'),
    'save',
    '-q',
    ...args,
  ];
  const startedAt = ['date', '+%s%N'];
  const start = async (command) => run(command, { cwd: folder, env });
  const throughBrowser = [
    '--browser',
    chromium,
    ...headless.flatMap((arg) => ['--browser-arg', arg]),
  ];
  const measures = {
    whole: () => timed(start(pmproxy('--', 'true'))),
    processor: () =>
      processorTime(start(['sh', '-c', '"$@"; times', 'sh', ...pmproxy('--', 'true')])),
    direct: () => untilStarted(start(startedAt)),
    command: () => untilStarted(start(pmproxy('--', ...startedAt))),
    directPage: () =>
      pages.untilAsked(
        (url) => {
          const profile = mkdtempSync(join(folder, 'profile-'));
          const own = [
            `--user-data-dir=${profile}`,
            '--no-first-run',
            ...(isRoot ? ['--no-sandbox'] : []),
          ];
          return [chromium, ...headless, ...own, url];
        },
        { cwd: folder, env },
      ),
    page: () =>
      pages.untilAsked((url) => pmproxy(...throughBrowser, '--', url), { cwd: folder, env }),
  };
  try {
    const times = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
    for (let round = 0; round <= runs; round++)
      for (const [name, measure] of Object.entries(measures)) {
        const ms = await measure();
        if (round > 0) times[name].push(ms); // the first of each fills the disk cache
      }
    return { markdown: report(times, runs), data: { launch: times } };
  } finally {
    pages.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function report({ whole, processor, direct, command, directPage, page }, runs) {
  const added = (times, bases) => times.map((ms, round) => ms - bases[round]);
  const row = (name, times, target) => [
    name,
    number(median(times)),
    number(Math.min(...times)),
    number(target),
  ];
  const rows = [
    row('save -- true, from start to end', whole, targets.whole),
    row('its processor time', processor, targets.processor),
    row('added before a command starts', added(command, direct), targets.command),
    row('added before the first request of --browser', added(page, directPage), targets.page),
  ];
  const title = `### Launch (${runs} alternating runs)\n`;
  return [title, table(['', 'median ms', 'lowest ms', 'target ms'], rows)].join('\n');
}

/** Starts a program; resolves with what it wrote, and the times of its start and its end in milliseconds. */
async function run([program, ...args], options) {
  const startMs = Date.now();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}`);
  return { output, startMs, endMs: Date.now() };
}

async function timed(finished) {
  const { startMs, endMs } = await finished;
  return endMs - startMs;
}

/** POSIX `times`: the second line has the user and system times of what the shell has run. */
async function processorTime(finished) {
  const [, children = ''] = (await finished).output.trim().split('\n');
  const times = Array.from(children.matchAll(/(\d+)m([\d.]+)s/g));
  return times.reduce((sum, [, minutes, seconds]) => sum + minutes * 60_000 + seconds * 1000, 0);
}

async function untilStarted(finished) {
  const { output, startMs } = await finished;
  return Number(output) / 1e6 - startMs;
}

/** A server whose page a browser opens. */
async function servePages() {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>page</title>');
    server.emit('asked');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    /** Starts the browser of this command line, waits for its request, and ends it. */
    async untilAsked(commandLine, options) {
      const [program, ...args] = commandLine(url);
      const startMs = performance.now();
      const child = spawn(program, args, { ...options, stdio: 'ignore' });
      const asked = once(server, 'asked').then(() => performance.now() - startMs);
      const early = once(child, 'exit').then(([code]) => {
        throw new Error(`${program} ended with ${code} before it opened the page`);
      });
      const ms = await Promise.race([asked, early]);
      early.catch(() => {});
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      return ms;
    },
    close: () => server.close(),
  };
}
