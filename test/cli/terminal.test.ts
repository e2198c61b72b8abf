import { readFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { journalsOf, newPlace, pathsIn, startCli, untilNoEcho } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, askHead } from '../helpers/http-client.ts';
import { ctrlC, onTerminal } from '../helpers/terminal.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** Runs `pmproxy save` with a command on a terminal; `shows` waits for what the command wrote. */
async function startOnTerminal(command: readonly string[], grace: string) {
  const place = await newPlace();
  const readyFile = place.path('ready.json');
  const options = ['-o', 't.json', '-q', '--grace', grace, '--ready-file', readyFile];
  const through = await onTerminal();
  const cli = startCli(place, ['save', ...options, '--', ...command], { through });
  const ready = await eventually(async () => JSON.parse(await readFile(readyFile, 'utf8')));
  const shows = (pattern: RegExp) => eventually(() => expect(cli.stdout).toMatch(pattern));
  return { ...ready, place, cli, shows } as {
    pid: number;
    port: number;
    place: typeof place;
    cli: typeof cli;
    shows: typeof shows;
  };
}

const python = testWith('python3', '--version');
const stubborn = (signal: string) =>
  `trap 'echo has $((1 + 1))' ${signal}; echo started; while :; do sleep 0.02; done`;

describe('a command on a terminal', () => {
  // The interpreter sleeps a hundred times longer than --grace and is still there to say so.
  python('goes on after each Ctrl+C that it handles, and ends by itself', async () => {
    const { cli, shows, place } = await startOnTerminal(['python3', '-q'], '5ms');
    await shows(/>>> $/);
    for (const count of [1, 2, 3]) {
      // At its prompt, Python itself may notice a Ctrl+C with the next key only.
      cli.type(`import time; print('as' + 'leep ${count}'); time.sleep(1000)\n`);
      await shows(new RegExp(`asleep ${count}`));
      cli.type(ctrlC);
      await shows(new RegExp(`(KeyboardInterrupt[^]*){${count}}>>> $`));
      cli.type(`time.sleep(0.5); print(f'{1 + 1}nd life ${count}')\n`);
      await shows(new RegExp(`2nd life ${count}`));
    }
    cli.type('raise SystemExit(7)\n');
    expect((await cli.ended).code, cli.stdout).toBe(7);
    expect(await journalsOf(place)).toEqual([]);
  });

  // 130 is 128 and the number of SIGINT: sleep died of the terminal's, not of SIGKILL.
  python('that dies of a Ctrl+C ends the recording, and it is written', async () => {
    const upstream = await httpUpstream((_, response) => response.end('whole'));
    const { cli, port, place } = await startOnTerminal(['sleep', '1000'], '10m');
    await ask({ port }, `${upstream.url}/whole`);
    cli.type(ctrlC);
    expect((await cli.ended).code, cli.stdout).toBe(130);
    expect(pathsIn(await place.read('t.json'))).toEqual(['/whole']);
    expect(await journalsOf(place)).toEqual([]);
  });

  // The exchange in flight would be waited for ten minutes, so only the second one can end it.
  python('that died of a Ctrl+C is over, and a second one cuts the end short', async () => {
    const upstream = await httpUpstream((_, response) => void response.write('endless'));
    const command = ['sh', '-c', `trap 'echo has $((1 + 1)); exit 5' INT; echo started; cat`];
    const { cli, port, place, shows } = await startOnTerminal(command, '10m');
    await shows(/started/);
    (await askHead({ port }, upstream.url)).on('error', () => {});
    cli.type(ctrlC);
    await shows(/has 2/);
    await untilNoEcho();
    cli.type(ctrlC);
    expect((await cli.ended).code, cli.stdout).toBe(130);
    expect(await journalsOf(place)).toHaveLength(1);
  });

  // The command says that it got the signal; 137 shows that the grace timer ended it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    python(`gets a ${signal} that was sent to pmproxy alone, and --grace to end`, async () => {
      const command = ['sh', '-c', stubborn(signal.slice(3))];
      const { cli, pid, shows } = await startOnTerminal(command, '300ms');
      await shows(/started/);
      process.kill(pid, signal);
      await shows(/has 2/);
      const { code } = await cli.ended;
      // A hang-up on a terminal ends pmproxy by that signal, too.
      expect(code, cli.stdout).toBe(signal === 'SIGHUP' ? 129 : 137);
    });
  }

  python('is killed by the second SIGINT that was sent to pmproxy alone', async () => {
    const { cli, pid, shows } = await startOnTerminal(['sh', '-c', stubborn('INT')], '10m');
    await shows(/started/);
    process.kill(pid, 'SIGINT');
    await shows(/has 2/);
    await untilNoEcho();
    process.kill(pid, 'SIGINT');
    expect((await cli.ended).code, cli.stdout).toBe(130);
  });
});
