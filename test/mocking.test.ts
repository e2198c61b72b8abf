import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { compare, startMock, startRecording } from '../src/index.ts';
import { exchange } from './helpers/exchanges.ts';
import { newFolder } from './helpers/folder.ts';
import { renderAs } from './helpers/har.ts';
import { ask } from './helpers/http-client.ts';
import { httpUpstream } from './helpers/upstream.ts';

const portOf = (url: string) => ({ port: Number(new URL(url).port) });

test('a program answers from what it recorded, and compares two recordings', async () => {
  let status = 200;
  const upstream = await httpUpstream((request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ path: request.url }));
  });
  const home = await newFolder();
  const record = async () => {
    const recording = await startRecording({ home, via: 'none' });
    await ask(portOf(recording.url), `${upstream.url}/a`);
    const recorded = await recording.stop();
    onTestFinished(() => recorded.remove());
    return recorded;
  };
  const before = await record();
  status = 500;
  const after = await record();
  expect((await compare(before, before)).findings).toEqual([]);
  expect((await compare(before, after)).findings).toEqual([
    { kind: 'status', method: 'GET', path: '/a', place: 'status', old: '200', new: '500' },
  ]);

  const mock = await startMock(before, { home });
  onTestFinished(() => mock.stop());
  await upstream.close();
  expect(mock.unasked()).toEqual([{ method: 'GET', url: `${upstream.url}/a` }]);
  expect(await (await fetch(`${mock.url}/a`)).json()).toEqual({ path: '/a' });
  expect((await fetch(`${mock.url}/b`)).status).toBe(502);
  expect([mock.answered, mock.missed.length, mock.unasked()]).toEqual([1, 1, []]);
});

test('recordings are read from files, and what may differ is said', async () => {
  const home = await newFolder();
  const file = join(await newFolder(), 'traffic.har');
  const url = 'http://api.test/list?lang=en';
  await writeFile(file, await renderAs('har', [exchange({ url, response: { body: 'list' } })]));
  const mock = await startMock([file], { home, ignore: ['lang'] });
  onTestFinished(() => mock.stop());
  expect(await (await fetch(`${mock.url}/list?lang=de`)).text()).toBe('list');
  expect((await compare(file, file)).calls).toEqual({ old: 1, new: 1 });
  await expect(startMock(`${file}.gone`, { home })).rejects.toThrow('the file does not exist');
});

test('a program ends when it stops a mock, also while an answer takes its time', async () => {
  const [home, folder] = [await newFolder(), await newFolder()];
  const file = join(folder, 'slow.har');
  const slow = {
    ...exchange({ url: 'http://api.test/slow' }),
    timings: { headMs: 1e6, endMs: 1e6 },
  };
  await writeFile(file, await renderAs('har', [slow]));
  const program = `
    import { startMock } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const [, file, home] = process.argv;
    const mock = await startMock(file, { home, timing: 'recorded' });
    const asked = fetch(mock.url + '/slow').catch(() => 'broken off');
    while (mock.answered === 0) await new Promise(setImmediate);
    await mock.stop();
    console.log(await asked);`;
  const args = ['--input-type=module', '-e', program, file, home];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  expect(stdout).toBe('broken off\n');
}, 90_000);
