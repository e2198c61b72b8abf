import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exporters, responseOf, startRecording, UserError } from '../src/index.ts';
import { DEFAULTS } from '../src/options/defaults.ts';
import { journalFiles } from '../src/record/journal-files.ts';
import { pathsIn } from './helpers/cli.ts';
import { newFolder } from './helpers/folder.ts';
import { ask, curl } from './helpers/http-client.ts';
import { fillDisk } from './helpers/journal.ts';
import { httpsUpstream, httpUpstream, upstreamAuthority } from './helpers/upstream.ts';

const portOf = (url: string) => ({ port: Number(new URL(url).port) });

test('a program records, reads, renders and removes exchanges over HTTP and HTTPS', async () => {
  const plain = await httpUpstream((_, response) => response.end('plain'));
  const secure = await httpsUpstream((_, response) => response.end('secure'));
  const home = await newFolder();
  const trust = [(await upstreamAuthority()).certPem];
  const recording = await startRecording({ home, trust, via: 'none' });
  await ask(portOf(recording.url), `${plain.url}/a`);
  const { stdout } = await curl('-x', recording.url, '--cacert', recording.ca, `${secure.url}/b`);
  expect(stdout).toBe('secure');

  const exchanges = await recording.stop();
  expect(exchanges.size).toBe(2);
  const bodies: string[] = [];
  for await (const { outcome } of exchanges.read()) {
    bodies.push(new TextDecoder().decode(await responseOf(outcome)?.body?.bytes()));
  }
  expect(bodies).toEqual(['plain', 'secure']);
  let text = '';
  for await (const chunk of exporters.postman.render(exchanges, { name: 'shop' })) text += chunk;
  expect(JSON.parse(text).info.name).toBe('shop');
  expect(pathsIn(text)).toEqual(['/a', '/b']);
  await exchanges.remove();
  expect(await readdir(join(home, 'journals'))).toEqual([]);
});

test('only matching requests are recorded, with truncated bodies', async () => {
  const upstream = await httpUpstream((_, response) => response.end('a long answer'));
  const recording = await startRecording({
    home: await newFolder(),
    via: 'none',
    criteria: { url: [(url) => url.endsWith('/wanted')] },
    maxBodyBytes: 6,
  });
  for (const path of ['/wanted', '/other'])
    await ask(portOf(recording.url), `${upstream.url}${path}`);
  const exchanges = await recording.stop();
  for await (const { request, outcome } of exchanges.read()) {
    expect(request.url).toBe(`${upstream.url}/wanted`);
    expect(responseOf(outcome)?.body).toMatchObject({ size: 13, cut: true });
  }
  expect(exchanges.size).toBe(1);
  await exchanges.remove();
});

test('a body is kept up to the default of --max-body', async () => {
  const body = Buffer.alloc(DEFAULTS.maxBodyBytes + 1, 'x');
  const upstream = await httpUpstream((request, response) =>
    response.end(request.url === '/longer' ? body : body.subarray(1)),
  );
  const recording = await startRecording({ home: await newFolder(), via: 'none' });
  for (const path of ['/whole', '/longer'])
    await ask(portOf(recording.url), `${upstream.url}${path}`);
  const exchanges = await recording.stop();
  const cut: unknown[] = [];
  for await (const { outcome } of exchanges.read())
    cut.push(responseOf(outcome)?.body?.cut === true);
  expect(cut).toEqual([false, true]);
  await exchanges.remove();
});

test('a port that is taken is an error of the kind that a person can mend, and leaves no journal', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const home = await newFolder();
  await expect(startRecording({ home, port: upstream.port })).rejects.toThrow(UserError);
  expect(await readdir(join(home, 'journals'))).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a recording that did not fit on the disk is not returned',
  async () => {
    const upstream = await httpUpstream((_, response) => response.end('answer'));
    const home = await newFolder();
    const recording = await startRecording({ home, via: 'none' });
    const [journal = ''] = await readdir(join(home, 'journals'));
    fillDisk(join(home, 'journals', journal), journalFiles.index);
    await ask(portOf(recording.url), upstream.url);
    await expect(recording.stop()).rejects.toThrow(/^The recording is not whole: .*ENOSPC/);
  },
);
