import { expect } from 'vitest';
import { newPlace, spawnIn, startSave } from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { ask } from '../helpers/http-client.ts';

testWith('curl', '--version')(
  'a recording as a script repeats its requests, with the secrets of the file beside it',
  async () => {
    const { origin, seen } = await startEchoServer();
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.sh', '--secrets', 'env']);
    const headers = ['Authorization', "Bearer it's-s3cret.t0ken"];
    await ask(cli, `${origin}/users?q='$HOME`, { method: 'PUT', headers, body: '{"a":"`b`"}' });
    expect((await cli.end('SIGINT')).code).toBe(0);
    expect(await place.read('t.sh')).not.toContain('s3cret');
    const script = await spawnIn(place, ['sh', '-c', '. ./t.env && sh ./t.sh'], {}).ended;
    expect(script.stderr).toBe('');
    const [first, again] = seen;
    expect(again).toMatchObject({ method: 'PUT', target: first?.target, body: first?.body });
    expect(again?.headers).toContainEqual(['Authorization', "Bearer it's-s3cret.t0ken"]);
  },
);
