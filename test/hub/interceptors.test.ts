import { createHash, createHmac } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { interceptorId } from '../../src/sync/wire/interceptor.ts';
import { eventually } from '../helpers/eventually.ts';
import { newClient, type Reachable, upgradeStatus } from '../helpers/running-client.ts';

const origin = `chrome-extension://${interceptorId}`;
const others = [
  undefined,
  'https://evil.test',
  'http://127.0.0.1:1',
  'null',
  'chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
];

type Answer = { readonly status: number; readonly body: Record<string, string> };

/** Posts to the API as a browser or the command would. */
function post(
  { port }: Reachable,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${port}/api/interceptor/${path}`;
    const sent = request(url, { method: 'POST', headers }, async (response) => {
      const { statusCode: status = 0 } = response;
      resolve({ status, body: JSON.parse(await text(response)) });
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Pairs an extension. */
async function paired(client: Reachable): Promise<{ id: string; token: string }> {
  const { body } = await post(client, 'code', bearer(client.token));
  const answer = await post(client, 'pair', { origin }, { code: body['code'], name: 'Chrome' });
  expect(answer.status).toBe(200);
  return answer.body as { id: string; token: string };
}

describe('the pairing of extensions', () => {
  test('needs the origin of the Interceptor besides the code', async () => {
    const client = await newClient();
    const { body } = await post(client, 'code', bearer(client.token));
    for (const other of others) {
      const headers = { ...(other !== undefined && { origin: other }), ...bearer(client.token) };
      const answer = await post(client, 'pair', headers, { code: body['code'], name: 'x' });
      expect(answer.status, other).toBe(403);
    }
    const answer = await post(client, 'pair', { origin }, { code: body['code'], name: 'x' });
    expect(answer.status).toBe(200);
  });

  test('gives codes to nobody without the token of the client', async () => {
    const client = await newClient();
    const { token } = await paired(client);
    for (const headers of [{}, { origin }, { origin, ...bearer(token) }, bearer('x'.repeat(32))]) {
      expect((await post(client, 'code', headers)).status).toBe(403);
      expect((await post(client, 'revoke', headers)).status).toBe(403);
    }
  });

  test('opens /capture and /interceptor to the token of the extension, from its origin only', async () => {
    const client = await newClient();
    const { token } = await paired(client);
    for (const path of ['/capture', '/interceptor']) {
      const status = (given: string, from: string | undefined) =>
        upgradeStatus(client, `${path}?token=${given}`, {
          headers: from === undefined ? {} : { origin: from },
        });
      expect(await status(token, origin)).toBe(101);
      for (const other of others) expect(await status(token, other), other).not.toBe(101);
      expect(await status(client.token, origin)).toBe(403);
      expect(await status('x', origin)).toBe(403);
    }
    expect(await upgradeStatus(client, `/events?token=${token}`, { headers: { origin } })).toBe(
      403,
    );
  });

  test('gives the extension nothing of the history', async () => {
    const client = await newClient();
    const { token } = await paired(client);
    for (const headers of [{ origin, ...bearer(token) }, bearer(token)]) {
      const response = await fetch(`http://127.0.0.1:${client.port}/api/state`, { headers });
      expect(response.status).toBe(403);
      const har = { method: 'POST', headers, body: '{"rows":"all"}' };
      expect((await fetch(`http://127.0.0.1:${client.port}/api/har`, har)).status).toBe(403);
    }
    const list = { action: 'list', url: 'http://a.test/' };
    expect((await post(client, 'cookies', { origin, ...bearer(token) }, list)).status).toBe(403);
  });

  test('outlives the client, in a file without the token that only the account can read', async () => {
    const client = await newClient();
    const { token } = await paired(client);
    await client.close();
    const file = join(client.home, 'interceptors.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain(token);
    const again = await newClient({ home: client.home });
    const headers = { origin };
    expect(await upgradeStatus(again, `/capture?token=${token}`, { headers })).toBe(101);
    expect((await post(again, 'revoke', bearer(again.token))).body).toEqual({ revoked: 1 });
    expect(await upgradeStatus(again, `/capture?token=${token}`, { headers })).toBe(403);
  });

  test('says so when its file is damaged', async () => {
    const client = await newClient();
    await writeFile(join(client.home, 'interceptors.json'), '{');
    const answer = await post(client, 'prove', { origin }, { id: 'x', nonce: 'n'.repeat(20) });
    expect(answer.status).toBe(500);
    expect(client.notices).toMatchObject([
      { kind: 'failure', error: { message: expect.stringContaining('interceptors.json') } },
    ]);
  });

  test('proves the client with its port, which another program cannot pass on', async () => {
    const client = await newClient();
    const { id, token } = await paired(client);
    const nonce = 'n'.repeat(32);
    const { body } = await post(client, 'prove', { origin }, { id, nonce });
    const key = createHash('sha256').update(token).digest('base64url');
    const proof = createHmac('sha256', key).update(`${nonce}:${client.port}`).digest('base64url');
    expect(body).toEqual({ proof });
    expect((await post(client, 'prove', { origin }, { id: 'other', nonce })).status).toBe(404);
    expect((await post(client, 'prove', {}, { id, nonce })).status).toBe(403);
  });

  test.each([
    ['pair', '{'],
    ['pair', '{"code":5,"name":"x"}'],
    ['prove', '{"id":"x","nonce":""}'],
  ])('answers a request to %s that is not valid with 400: %s', async (path, body) => {
    const client = await newClient();
    const url = `http://127.0.0.1:${client.port}/api/interceptor/${path}`;
    const response = await fetch(url, { method: 'POST', headers: { origin }, body });
    expect(response.status).toBe(400);
  });

  test('knows no other paths and methods', async () => {
    const client = await newClient();
    expect((await post(client, 'constructor', { origin })).status).toBe(404);
    const url = `http://127.0.0.1:${client.port}/api/interceptor/code`;
    const response = await fetch(url, { headers: bearer(client.token), method: 'PUT' });
    expect(response.status).toBe(405);
  });
});

test('revoking ends the connections of the extension', async () => {
  const client = await newClient();
  const { token } = await paired(client);
  const { WebSocket } = await import('ws');
  const url = `ws://127.0.0.1:${client.port}/interceptor?token=${token}`;
  const socket = new WebSocket(url, { origin });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await eventually(() => expect(socket.readyState).toBe(WebSocket.OPEN));
  await post(client, 'unpair', { origin, ...bearer(token) });
  expect(await closed).toBe(4003);
});
