/**
 * A child process of the bench. `node exporting.js fill <folder> <count>` makes a journal and prints its path;
 * `node exporting.js render <journal> <options as JSON>` exports it to nowhere and prints what that took;
 * `node exporting.js templates <journal>` finds the templates of its paths alone and prints the same.
 */

import { observedTemplates } from '../dist/analysis/endpoints/observed-templates.js';
import { exporters } from '../dist/exporters/index.js';
import { compileFilters, everything } from '../dist/record/filters.js';
import { Journal } from '../dist/record/journal.js';
import { openJournal } from '../dist/record/journal-reader.js';
import { createRecorder } from '../dist/record/recorder.js';

const [, , mode, place, argument] = process.argv;
if (mode === 'fill') process.stdout.write(await fill(place, Number(argument)));
else if (mode === 'templates') process.stdout.write(String(await templates(place)));
else process.stdout.write(JSON.stringify(await render(place, JSON.parse(argument))));

/** An API in use: 2,000 users with tokens of their own, things with ids, lists with queries, 1 KB of JSON each. */
function call(n) {
  const user = n % 2000;
  const headers = [
    ['Host', 'api.example.com'],
    ['Accept', 'application/json'],
    ['User-Agent', 'bench/1.0'],
    ['Authorization', `Bearer ${token(user)}`],
  ];
  const kinds = [
    ['GET', `/v1/users/${user}`],
    ['GET', `/v1/users/${user}/orders?page=${n % 50}&n=${n}`],
    ['GET', `/v1/orders/ord_${(n * 7919).toString(36)}x9Kq7Lm2`],
    ['POST', '/v1/orders'],
  ];
  const [method, path] = kinds[n % kinds.length];
  return { method, url: `https://api.example.com${path}`, httpVersion: '1.1', headers };
}

function token(user) {
  return Buffer.from(`bench-user-${user}-${'abcdefgh'.repeat(3)}`).toString('base64url');
}

function answerTo(n) {
  const items = Array.from({ length: 8 }, (_, at) => ({
    id: n * 8 + at,
    name: `Thing number ${at} of ${n}`,
    price: (n % 1000) + at / 10,
    at: new Date(1_700_000_000_000 + n * 1000).toISOString(),
  }));
  return Buffer.from(JSON.stringify({ total: n, session: token(n % 2000), items }));
}

async function fill(folder, count) {
  const journal = await Journal.create(folder, { version: 'bench', outputs: [] });
  const filters = compileFilters(everything);
  const recorder = createRecorder({ journal, filters, maxBodyBytes: 1e7, responses: true });
  for (let n = 0; n < count; n++) {
    const tap = recorder.begin({ ...call(n), startedAt: 1_700_000_000_000 + n * 20 });
    if (n % 4 === 3)
      tap.requestChunk(Buffer.from(JSON.stringify({ thing: n, password: `pw-${n}-x9Kq` })));
    tap.requestSent();
    const headers = [
      ['Content-Type', 'application/json'],
      ['Date', 'Sun, 22 Nov 2026 10:00:00 GMT'],
    ];
    tap.response({ status: 200, statusText: 'OK', httpVersion: '1.1', headers });
    tap.responseChunk(answerTo(n));
    tap.end({ kind: 'completed' });
    if (recorder.congested) await new Promise((resolve) => recorder.onceDrained(resolve));
  }
  await recorder.finish();
  await journal.close();
  return journal.folder;
}

async function templates(folder) {
  const journal = openJournal(folder);
  const observed = [];
  for await (const { request } of journal.read()) {
    observed.push({ path: new URL(request.url).pathname });
  }
  journal.close();
  const before = process.cpuUsage();
  observedTemplates(observed);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function render(folder, options) {
  const journal = openJournal(folder);
  const before = process.cpuUsage();
  let bytes = 0;
  for await (const chunk of exporters.postman.render(journal, { name: 'bench', ...options })) {
    bytes += chunk.length;
  }
  const { user, system } = process.cpuUsage(before);
  journal.close();
  return { cpuMs: (user + system) / 1000, bytes, rssMb: process.memoryUsage().rss / 1e6 };
}
