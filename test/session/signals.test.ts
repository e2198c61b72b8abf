import { expect, test } from 'vitest';
import { newPlace, spawnIn } from '../helpers/cli.ts';

const source = new URL('../../dist/session/signals.js', import.meta.url);

/** Runs a program that listens for stop signals until it exits; `busy` keeps it from hearing any for that long. */
async function run(program: string) {
  const text = `
    import { setTimeout as delay } from 'node:timers/promises';
    import { watchStopSignals } from '${source}';
    const signals = watchStopSignals();
    setInterval(() => {}, 60_000);
    const send = (signal) => process.kill(process.pid, signal);
    const busy = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
    ${program}`;
  const place = await newPlace();
  return spawnIn(place, [process.execPath, '--input-type=module', '-e', text], {}).ended;
}

test('an echo is recognised by a process that was not scheduled meanwhile', async () => {
  const end = await run(`
    void signals.first.then(() => { send('SIGTERM'); busy(300); });
    send('SIGINT');
    await signals.first;
    await delay(300);
    console.log(signals.hurry.aborted);
    signals.hurry.addEventListener('abort', () => process.exit(4));
    setInterval(() => send('SIGINT'), 100);`);
  expect(end).toMatchObject({ code: 4, stdout: 'false\n' });
});

test('when all work is done, a signal ends the process with its exit code', async () => {
  const end = await run(`
    signals.finish();
    process.exitCode = 3;
    send('SIGHUP');
    await delay(100);
    console.log('still there');
    send('SIGINT');`);
  expect(end).toMatchObject({ code: 3, signal: null, stdout: 'still there\n' });
});
