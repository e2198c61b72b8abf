import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CliEnd, newPlace, type Place, spawnIn } from '../helpers/cli.ts';
import { root } from '../helpers/documentation.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const pmproxy = fileURLToPath(new URL('bin/pmproxy.js', root));

/** The commands of the jobs in a page, by the file that a comment names. */
async function recipesOf(page: string): Promise<Record<string, string[]>> {
  const text = await readFile(new URL(page, root), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n# (\.\S+?)(?:,[^\n]*)?\n(.*?)^```$/gms)];
  return Object.fromEntries(
    blocks.map(([, file = '', yaml = '']) => [file, commandsOf(parse(yaml))]),
  );
}

type Step = { readonly run?: string };
type Job = { readonly steps?: readonly Step[]; readonly script?: readonly string[] };

/** The commands of the only job of a workflow (GitHub Actions) or pipeline (GitLab). */
function commandsOf(file: { readonly jobs?: Record<string, Job> } & Record<string, Job>): string[] {
  const [job = {}] = Object.values(file.jobs ?? file);
  return [...(job.steps ?? []).flatMap(({ run }) => run ?? []), ...(job.script ?? [])];
}

const client = `
const answer = await fetch(process.env.API_URL + '/users/7');
const { name } = await answer.json();
if (typeof name !== 'string') console.error('It has no name.');
`;

/** Runs commands in a shell one after the other, as a runner does, until one fails. */
async function shell(place: Place, folder: string, apiUrl: string, ...commands: string[]) {
  let end: CliEnd | undefined;
  for (const command of commands) {
    end = await spawnIn({ ...place, folder: join(place.folder, folder) }, ['bash', '-c', command], {
      API_URL: apiUrl,
      GIT_CONFIG_NOSYSTEM: '1',
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    }).ended;
    if (end.code !== 0) break;
  }
  return end as CliEnd;
}

/** A repository whose test suite asks a server, with its traffic committed, and a fresh clone of it. */
async function cloned(apiUrl: string): Promise<Place> {
  const place = await newPlace();
  // The binary of this repository takes the place of the published package, which npm would fetch.
  await mkdir(place.path('app/pmproxy'), { recursive: true });
  const files = {
    'pmproxy/package.json': JSON.stringify({
      name: 'pmproxy',
      version: '1.0.0',
      bin: 'pmproxy.mjs',
    }),
    'pmproxy/pmproxy.mjs': `#!/usr/bin/env node\nawait import(${JSON.stringify(pmproxy)});\n`,
    'test.mjs': client,
    '.gitignore': 'node_modules\n',
    'package.json': JSON.stringify({
      name: 'app',
      scripts: { test: 'node test.mjs' },
      devDependencies: { pmproxy: 'file:pmproxy' },
    }),
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(place.path(`app/${name}`), text, { mode: 0o755 });
  const [record = ''] =
    /^pmproxy save .*$/m.exec(await readFile(new URL('docs/mock.md', root), 'utf8')) ?? [];
  const made = await shell(
    place,
    'app',
    apiUrl,
    'npm install',
    `npx ${record}`,
    'git init -q && git add . && git -c user.name=a -c user.email=a@a.test commit -qm first',
    'git clone -q . ../clone',
  );
  expect(made.code, made.stderr).toBe(0);
  return place;
}

/** A service whose users have this name. */
async function service(user: { readonly name: unknown }) {
  return httpUpstream((_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ id: 7, ...user }));
  });
}

const RUNNERS = ['.github/workflows', '.gitlab-ci.yml'];

test.each(RUNNERS)(
  'the recipe of docs/mock.md for %s runs in a fresh clone, without the service',
  async (runner) => {
    const upstream = await service({ name: 'Ann' });
    const place = await cloned(upstream.url);
    await upstream.close();
    const recipes = Object.entries(await recipesOf('docs/mock.md'));
    const [, commands = []] = recipes.find(([file]) => file.startsWith(runner)) ?? [];
    expect(commands.join('\n')).toContain('pmproxy mock');
    const end = await shell(place, 'clone', upstream.url, ...commands);
    expect([end.code, end.stderr]).toEqual([
      0,
      expect.stringContaining('Answered 1 request, missed 0.'),
    ]);
  },
  240_000,
);

test.each(RUNNERS)(
  'the recipe of docs/check.md for %s passes in a fresh clone until the service changes',
  async (runner) => {
    const user: { name: unknown } = { name: 'Ann' };
    const upstream = await service(user);
    const place = await cloned(upstream.url);
    const recipes = Object.entries(await recipesOf('docs/check.md'));
    const [, commands = []] = recipes.find(([file]) => file.startsWith(runner)) ?? [];
    expect(commands.join('\n')).toContain('pmproxy save --check');
    const same = await shell(place, 'clone', upstream.url, ...commands);
    expect(same.code, same.stderr).toBe(0);
    user.name = 7;
    const changed = await shell(place, 'clone', upstream.url, ...commands);
    expect(changed.code).toBe(4);
    expect(changed.stdout).toContain('GET /users/:userId response 200 $.name: string, now number');
  },
  240_000,
);
