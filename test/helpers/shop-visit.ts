import { type Answer, ask } from './http-client.ts';
import { shopKeys } from './shop.ts';

/** How a visit differs from the next one: how many users are made and looked at. */
export type VisitOptions = { readonly users?: number };

/**
 * Goes through the shop as a program with a browser's cookies would: logs in, makes and reads things, orders, logs out.
 *
 * @param proxy what is asked; the shop's own port for a visit that nobody records
 * @returns the secret values that were handed out on the way
 */
export async function visitShop(
  proxy: { readonly port: number },
  url: string,
  { users = 3 }: VisitOptions = {},
): Promise<string[]> {
  let cookie = '';
  const send = async (method: string, path: string, body?: string, ...headers: string[]) => {
    const sent = [...headers, ...(cookie === '' ? [] : ['Cookie', cookie])];
    const options = body === undefined ? {} : { body };
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const answer = await ask(proxy, url + path, {
      method,
      headers: [...sent, ...length],
      ...options,
    });
    cookie = answer.header('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  };
  const sendJson = (method: string, path: string, value: unknown, ...headers: string[]) =>
    send(method, path, JSON.stringify(value), 'Content-Type', 'application/json', ...headers);

  const { email, guess, password, apiKey } = shopKeys;
  await sendJson('POST', '/auth/login', { email, password: guess });
  const { accessToken } = body(await sendJson('POST', '/auth/login', { email, password }));
  const authorization = ['Authorization', `Bearer ${accessToken}`];
  const session = cookie.slice('session='.length);

  for (let number = 1; number <= users; number++) {
    const made = await sendJson('POST', '/users', { name: `User ${number}` }, ...authorization);
    await send('GET', `/users/${body(made)['id']}`, undefined, ...authorization);
  }
  await send('GET', '/users?page=1&limit=2', undefined, ...authorization);
  await send('GET', '/users?page=2&limit=2', undefined, ...authorization);

  const lamp = await sendJson('POST', '/products', { name: 'Lamp', price: 19.5 }, ...authorization);
  const { id } = body(lamp);
  await send('GET', '/catalogue');
  await send('GET', '/products');
  await send('GET', `/products/${id}`);
  const chair = await sendJson('POST', '/products', { name: 'Chair', price: 40 }, ...authorization);
  await send('GET', `/products?except=${id},${body(chair)['id']}`);
  await sendJson('PATCH', `/products/${id}`, { price: 18 }, ...authorization);
  await sendJson('POST', '/graphql', {
    query: 'query ProductName($id: ID!) { product(id: $id) { name } }',
    operationName: 'ProductName',
    variables: { id },
  });

  const upload = await send('POST', '/uploads', multipart(), ...multipartType, ...authorization);
  await send('GET', `/uploads/${body(upload)['id']}`, undefined, ...authorization);
  await send('GET', `/uploads/${body(upload)['id']}.json`, undefined, ...authorization);

  const cart = (await send('GET', '/cart')).body.toString();
  const csrf = /name="_csrf" value="(\w+)"/.exec(cart)?.[1] ?? '';
  const form = new URLSearchParams({ _csrf: csrf, product: String(id) }).toString();
  const formType = ['Content-Type', 'application/x-www-form-urlencoded'];
  const ordered = await send('POST', '/cart', form, ...formType);
  await send('GET', ordered.header('location') ?? '', undefined, ...authorization);

  await send('GET', '/admin/stats', undefined, 'X-Api-Key', apiKey);
  await send('DELETE', `/products/${id}`, undefined, ...authorization);
  await send('POST', '/auth/logout', undefined, ...authorization);
  return [String(accessToken), session, csrf];
}

function body(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.body.toString());
}

const multipartType = ['Content-Type', 'multipart/form-data; boundary=shop-visit'];

function multipart(): string {
  return [
    '--shop-visit',
    'Content-Disposition: form-data; name="title"',
    '',
    'A lamp',
    '--shop-visit',
    'Content-Disposition: form-data; name="file"; filename="lamp.txt"',
    'Content-Type: text/plain',
    '',
    'It shines.',
    '--shop-visit--',
    '',
  ].join('\r\n');
}
