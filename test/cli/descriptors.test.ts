import { expect } from 'vitest';
import { newPlace, pathsIn, startSave } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** So few that they run out: every client takes one, its server another, a large body a third. */
const limited = ['prlimit', '--nofile=256:256'];
const large = Buffer.alloc(1_000_000, 'x');

testWith(
  'prlimit',
  '--nofile=256:256',
  'true',
)(
  'when descriptors run out, some clients are refused, the others are served, and the proxy recovers',
  async () => {
    const upstream = await httpUpstream((_, response) => response.end(large));
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.json'], { through: limited });
    const crowd = await Promise.all(
      Array.from({ length: 500 }, (_, n) =>
        ask(cli, `${upstream.url}/crowd/${n}`).then(
          ({ status, body }) => `${status} ${body.length}`,
          () => 'refused',
        ),
      ),
    );
    expect(new Set(crowd)).toEqual(new Set(['refused', `200 ${large.length}`]));
    await cli.says(/clients are connected, the most that the limit of open files allows/);
    await eventually(async () => {
      expect((await ask(cli, `${upstream.url}/after`)).status).toBe(200);
    });
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    const served = crowd.filter((answer) => answer !== 'refused').length;
    expect(pathsIn(await place.read('t.json'))).toHaveLength(served + 1);
  },
);
