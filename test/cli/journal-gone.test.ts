import { rename, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { journalsOf, newPlace, type Place, pathsIn, runCli, startSave } from '../helpers/cli.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** Open files can be read after their names are gone; Windows does not let them be removed. */
const onPosix = process.platform === 'win32' ? test.skip : test;

const upstreamOfBodies = () =>
  httpUpstream((incoming, response) =>
    response.end(incoming.url === '/large' ? 'x'.repeat(500_000) : `body of ${incoming.url}`),
  );

async function journalOf(place: Place): Promise<string> {
  const [folder = ''] = await journalsOf(place);
  return folder;
}

onPosix.each([
  ['removed', (folder: string) => rm(folder, { recursive: true })],
  ['moved', (folder: string) => rename(folder, `${folder}-elsewhere`)],
])(
  'a journal that is %s stops the recording, and the exchanges recorded so far are written',
  async (_, lose) => {
    const upstream = await upstreamOfBodies();
    const place = await newPlace();
    const save = await startSave(place, ['-o', 't.json', '--grace', '1s']);
    for (const path of ['/1', '/2']) await ask(save, upstream.url + path);
    await lose(await journalOf(place));
    // No request is made meanwhile, and no signal is sent.
    const { code, stderr } = await save.ended;
    expect(stderr).toMatch(/Recording stopped: \S+ was removed or moved while pmproxy was writing/);
    expect(stderr).toContain('PMPROXY_HOME=<folder>');
    expect(stderr).not.toContain('pmproxy convert');
    expect(code, stderr).toBe(1);
    const text = await place.read('t.json');
    expect(pathsIn(text)).toEqual(['/1', '/2']);
    expect(text).toContain('body of /2');
  },
);

onPosix('a body that had a file of its own is lost with the journal, and said so', async () => {
  const upstream = await upstreamOfBodies();
  const place = await newPlace();
  const save = await startSave(place, ['-o', 't.har', '--grace', '1s']);
  for (const path of ['/1', '/large']) await ask(save, upstream.url + path);
  await rm(await journalOf(place), { recursive: true });
  // A file for this body cannot be made, which is noticed at once.
  await ask(save, `${upstream.url}/large`).catch(() => {});
  const { code, stderr } = await save.ended;
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/Bodies that were lost with the folder, and are written as empty: [12]/);
  const { log } = await place.json<{ log: { entries: { response: { content: object } }[] } }>(
    't.har',
  );
  const contents = log.entries.map(({ response }) => response.content);
  expect(contents.slice(0, 2)).toMatchObject([{ text: 'body of /1' }, { text: '', _cut: true }]);
});

onPosix('a command is not left alone with a proxy that has stopped', async () => {
  const upstream = await upstreamOfBodies();
  const place = await newPlace();
  const script = `curl -s -x "$http_proxy" ${upstream.url}/1; rm -r "$PMPROXY_HOME"/journals/*; exec sleep 100`;
  const { code, stderr } = await runCli(place, [
    'save',
    '-o',
    't.json',
    '--grace',
    '1s',
    '--',
    'sh',
    '-c',
    script,
  ]);
  expect(code, stderr).toBe(1);
  expect(pathsIn(await place.read('t.json'))).toEqual(['/1']);
});
