import type { Pairing } from '../sync/wire/interceptor.ts';
import { base64Of } from './capture/base64.ts';
import type { Client } from './settings.ts';

/** A failure that people can read. */
class ClientError extends Error {}

/**
 * Pairs with the client at this port of this machine.
 *
 * @throws ClientError when the client is absent or refuses the code
 */
export async function pair(port: number, code: string, name: string): Promise<Client> {
  const { id, token } = (await post(port, 'pair', { code, name })) as Pairing;
  return { port, id, token };
}

/**
 * Has the client forget the pairing.
 *
 * @throws ClientError when it cannot be told
 */
export async function unpair(client: Client): Promise<void> {
  const { port, token } = client;
  await verify(client);
  await post(port, 'unpair', {}, { Authorization: `Bearer ${token}` });
}

/**
 * Makes sure that it is our client that listens at the port. Another program may have taken the port since, and would
 * be sent everything.
 *
 * @throws ClientError when it is not
 */
export async function verify({ port, id, token }: Client): Promise<void> {
  const nonce = base64Of(crypto.getRandomValues(new Uint8Array(24)));
  const { proof } = (await post(port, 'prove', { id, nonce })) as { proof?: unknown };
  if (proof !== (await proofOf(token, `${nonce}:${port}`)))
    throw new ClientError(`Another program listens on port ${port}.`);
}

/** The proof that the client's pairings.ts makes: an HMAC under the digest of the token, base64url. */
async function proofOf(token: string, text: string): Promise<string> {
  const utf8 = new TextEncoder();
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(token));
  const key = await crypto.subtle.importKey(
    'raw',
    utf8.encode(base64Url(digest)),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return base64Url(await crypto.subtle.sign('HMAC', key, utf8.encode(text)));
}

function base64Url(bytes: ArrayBuffer): string {
  return base64Of(new Uint8Array(bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

async function post(
  port: number,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const url = `http://127.0.0.1:${port}/api/interceptor/${path}`;
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
    credentials: 'omit',
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  }).catch(() => {
    throw new ClientError(`No client answers on port ${port}. Start one: pmproxy client`);
  });
  const answer = (await response.json().catch(() => undefined)) as { error?: unknown } | undefined;
  if (response.ok && typeof answer === 'object') return answer;
  const said = typeof answer?.error === 'string' ? answer.error : undefined;
  throw new ClientError(said ?? `The program on port ${port} is not a client of pmproxy.`);
}
