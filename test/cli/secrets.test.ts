import { stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { exporters } from '../../src/exporters/index.ts';
import {
  journalsOf,
  type ListeningCli,
  newPlace,
  type Place,
  runCli,
  startSave,
} from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { readJournal } from '../helpers/journal.ts';
import { filesBelow, leaksIn } from '../helpers/leaks.ts';
import { httpUpstream } from '../helpers/upstream.ts';

// Made up, and put together here so that secret scanners do not take them for real ones.
const made = (start: string, length = 24) =>
  start + 'q7Zr2mXv9KtB4wHs8LpN3cJd6YfG1aEu5'.slice(0, length);

const secrets = {
  password: 'Tr0ub4dor&3 /"x"',
  access: made('at-'),
  refresh: made('rt.'),
  session: made('s:'),
  csrf: made('cs_', 20),
  apiKey: made('k-', 28),
  queryKey: made('qk', 22),
  jwt: ['eyJ' + 'hbGciOiJIUzI1NiJ9', 'eyJzdWIiOiI0MiJ9', made('sig')].join('.'),
  github: made('ghp' + '_', 30),
  slack: made('xoxb' + '-', 26),
  card: ['4111', '1111', '1111', '1111'].join(' '),
  pem: `MIIEvQ${made('')}`,
  reset: made('reset', 20),
  code: made('oauthcode', 12),
  state: made('st4te', 12),
  nested: made('nest', 20),
  upload: made('upl', 20),
  ticket: made('tick', 20),
  basic: 'b4s1c:Pa55word',
} as const;

const values = Object.values(secrets);

function answer(request: IncomingMessage, response: ServerResponse): unknown {
  const send = (body: unknown, headers: Record<string, string | string[]> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text);
  };
  const path = (request.url ?? '').replace(/\?.*/, '');
  switch (path) {
    // Issued without a name, before anything shows that it is a secret.
    case '/first':
      return send({ a: secrets.access, list: [secrets.reset, `x${secrets.ticket}y`] });
    case '/login':
      return send(
        {
          access_token: secrets.access,
          nested: { deep: [{ refreshToken: secrets.refresh }] },
          raw: JSON.stringify({ client_secret: secrets.nested }),
        },
        { 'set-cookie': [`sid=${secrets.session}; Path=/; HttpOnly`, 'theme=dark'] },
      );
    case '/page':
      return send(
        `<form><input type="hidden" name="authenticity_token" value="${secrets.csrf}"></form>
         <a href="/cb?access_token=${secrets.access}&amp;x=1">x</a><script>var t = {csrf: '${secrets.csrf}'}</script>`,
        { 'content-type': 'text/html' },
      );
    case '/packed':
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      return response.end(gzipSync(JSON.stringify({ jwt: secrets.jwt, note: secrets.github })));
    case '/echo':
      return send(
        `key ${secrets.apiKey} in base64 ${Buffer.from(secrets.apiKey).toString('base64')}, ` +
          `escaped ${encodeURIComponent(secrets.password)}, ${JSON.stringify(secrets.password)}, ` +
          `card ${secrets.card}, ${secrets.slack}\n-----BEGIN PRIVATE KEY-----\n${secrets.pem}\n-----END PRIVATE KEY-----`,
        { 'content-type': 'text/plain' },
      );
    case '/xml':
      return send(`<r><Password>${secrets.ticket}</Password></r>`, {
        'content-type': 'application/xml',
      });
    case '/authorize':
      response.writeHead(302, {
        location: `https://app.test/cb?code=${secrets.code}&state=${secrets.state}`,
      });
      return response.end();
    case '/bad':
      // It is labelled as JSON, but is not JSON.
      return send(`{"token": "${secrets.access}", "refresh_token": "${secrets.refresh}`);
  }
  return send({ path: path.length });
}

const form = 'application/x-www-form-urlencoded';

/** A visit in which secrets stand in every place there is. */
async function visit(cli: ListeningCli, url: string): Promise<void> {
  const bearer = ['Authorization', `Bearer ${secrets.access}`];
  await ask(cli, `${url}/first`);
  await ask(cli, `${url}/login`, {
    method: 'POST',
    headers: ['Content-Type', form],
    body: `user=ada&password=${encodeURIComponent(secrets.password)}&grant_type=password`,
  });
  await ask(cli, `${url}/page?key=${secrets.queryKey}`, { headers: [...bearer] });
  await ask(cli, `${url}/packed`, {
    headers: ['X-Api-Key', secrets.apiKey, 'Cookie', `sid=${secrets.session}; theme=dark`],
  });
  await ask(cli, `${url}/echo/../echo`, {
    headers: ['Referer', `http://x/?token=${secrets.reset}`],
  });
  await ask(cli, `${url}/echo`);
  await ask(cli, `${url}/xml`);
  await ask(cli, `${url}/reset/${secrets.reset}/done`);
  await ask(cli, `${url}/authorize?client_id=app-1&state=${secrets.state}&redirect_uri=http://x`);
  await ask(cli, `${url}/token`, {
    method: 'POST',
    headers: [
      ...['Content-Type', form, 'Authorization'],
      `Basic ${Buffer.from(secrets.basic).toString('base64')}`,
    ],
    body: `grant_type=authorization_code&code=${secrets.code}`,
  });
  await ask(cli, `${url}/graphql`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json'],
    body: JSON.stringify({
      query: `mutation { login(password: "${secrets.ticket}") { id } }`,
      variables: { token: secrets.nested },
    }),
  });
  const parts = [
    `--b\r\nContent-Disposition: form-data; name="api_key"\r\n\r\n${secrets.upload}\r\n`,
    '--b\r\nContent-Disposition: form-data; name="f"; filename="x.json"\r\n',
    `Content-Type: application/json\r\n\r\n{"secret":"${secrets.nested}"}\r\n--b--\r\n`,
  ];
  await ask(cli, `${url}/upload`, {
    method: 'POST',
    headers: ['Content-Type', 'multipart/form-data; boundary=b'],
    body: parts.join(''),
  });
  await ask(cli, `${url}/packed-up`, {
    method: 'POST',
    headers: ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'],
    body: gzipSync(JSON.stringify({ password: secrets.ticket })),
  });
  await ask(cli, `${url}/bad`, { headers: [...bearer] });
}

/** The journal's folder, once all exchanges are on disk. */
function journalWith(place: Place, count: number): Promise<string> {
  return eventually(async () => {
    const [journal = ''] = await journalsOf(place);
    const exchanges = await readJournal(journal);
    if (exchanges.length < count) throw new Error(`${exchanges.length} of ${count} are on disk`);
    return journal;
  });
}

test.each(['pretty', 'json'])(
  'no secret appears in a log in %s or in a written file of any format',
  async (logFormat) => {
    const place = await newPlace();
    const upstream = await httpUpstream(answer);
    const cli = await startSave(place, ['-o', 'killed.json', '--log-format', logFormat]);
    await visit(cli, upstream.url);
    const journal = await journalWith(place, 14);
    const { stderr } = await cli.end('SIGKILL');
    // A log is written before it is known that a part of a path is a secret.
    expect(
      leaksIn(
        stderr,
        values.filter((value) => value !== secrets.reset),
      ),
    ).toEqual([]);
    if (logFormat === 'json') return;
    const outputs = Object.keys(exporters).map((id) => [id, join(place.folder, `out-${id}.json`)]);
    for (const [id = '', path = ''] of outputs) {
      const end = await runInProcess(place, [
        'convert',
        journal,
        '-f',
        id,
        '-o',
        path,
        '--no-dedupe',
      ]);
      expect(end.code, end.stderr).toBe(0);
      if (id !== 'openapi') expect(end.stderr).toMatch(/\d+ secrets replaced by variables\./);
    }
    const files = await filesBelow(place.folder);
    expect(files.size).toBeGreaterThan(outputs.length);
    for (const [path, text] of files) expect(leaksIn(text, values), path).toEqual([]);
  },
  120_000,
);

type Environment = { values: { key: string; value: string; type: string }[] };

test('the environment beside the collection is blank, keeps entered values, or has the recorded values', async () => {
  const place = await newPlace();
  const upstream = await httpUpstream((_, response) => response.end());
  const cli = await startSave(place, ['-o', 'killed.json']);
  await ask(cli, `${upstream.url}/a`, { headers: ['Authorization', `Bearer ${secrets.access}`] });
  const journal = await journalWith(place, 1);
  await cli.end('SIGKILL');
  const environment = () => place.json<Environment>('t.postman_environment.json');
  const convert = (...args: string[]) =>
    runCli(place, ['convert', journal, '-o', 't.json', ...args]);

  const { stderr } = await convert();
  expect(stderr).toContain('1 secret replaced by a variable.');
  const [blank, ...others] = (await environment()).values;
  expect([blank, others]).toEqual([
    { key: 'bearer_token', value: '', type: 'secret', enabled: true },
    [],
  ]);
  expect((await stat(place.path('t.postman_environment.json'))).mode & 0o777).toBe(0o600);

  await convert('--secrets', 'env');
  expect((await environment()).values[0]?.value).toBe(secrets.access);

  const filled = JSON.stringify({ values: [{ key: 'bearer_token', value: 'by hand' }] });
  await writeFile(place.path('t.postman_environment.json'), filled);
  await convert();
  expect((await environment()).values[0]?.value).toBe('by hand');

  expect((await convert('--secrets', 'keep')).stderr).not.toContain('replaced');
});
