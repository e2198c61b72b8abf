import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { parseFormParts } from '../../src/http/multipart.ts';

/** A shop on a port of 127.0.0.1 whose state is in memory: started again it is empty, and its ids are others. */
export type Shop = {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
};

/** What a visitor has to know; every one of these is a secret that no file may hold. */
export const shopKeys = {
  email: 'ada@lovelace.example',
  /** Tried before the right one. */
  guess: 'wrong-horse-battery',
  password: 'correct-horse-battery',
  apiKey: 'k3y-9f8e7d6c5b4a39281706',
} as const;

type Call = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly state: State;
};

type Reply = {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
};

type Product = { id: string; name: string; price: number; updatedAt: string };
type User = { id: number; name: string; role: string; joinedAt: string };

function emptyState() {
  return {
    tokens: new Set<string>(),
    sessions: new Map<string, { csrf: string }>(),
    users: new Map<number, User>(),
    products: new Map<string, Product>(),
    orders: new Map<string, { id: string; items: string[]; placedAt: string }>(),
    uploads: new Map<string, { id: string; name: string; size: number }>(),
    lastUser: randomInt(100, 900),
  };
}

type State = ReturnType<typeof emptyState>;

/** Starts the shop; it is gone when the test is over. `port` 0 takes a free one. */
export async function startShop(port = 0): Promise<Shop> {
  const state = emptyState();
  const server = createServer((request, response) => {
    answer(request, response, state).catch((error) => response.destroy(error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(close);
  return { port: taken, url: `http://127.0.0.1:${taken}`, close };
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://shop.test');
  const { method = 'GET', headers } = request;
  const { status = 200, ...reply } = route({
    method,
    url,
    headers,
    body: Buffer.concat(chunks),
    state,
  });
  const isText = typeof reply.body === 'string';
  const type = isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, {
    'X-Request-Id': randomUUID(),
    ...(reply.body === undefined ? {} : { 'Content-Type': type }),
    ...reply.headers,
  });
  response.end(isText ? reply.body : reply.body === undefined ? '' : JSON.stringify(reply.body));
}

const notFound: Reply = { status: 404, body: { error: 'not found' } };

function route(call: Call): Reply {
  const [, area = '', id] = call.url.pathname.split('/');
  switch (area) {
    case 'auth':
      return id === 'login' ? login(call) : logout(call);
    case 'users':
      return authorised(call, () => users(call, id));
    case 'products':
      return call.method === 'GET'
        ? products(call, id)
        : authorised(call, () => products(call, id));
    case 'catalogue':
      return { status: 301, headers: { Location: '/products' } };
    case 'uploads':
      return authorised(call, () => uploads(call, id));
    case 'graphql':
      return graphql(call);
    case 'cart':
      return cart(call);
    case 'orders':
      return authorised(call, () => orders(call, id));
    case 'admin':
      return admin(call);
    default:
      return notFound;
  }
}

function json(call: Call): Record<string, unknown> {
  return JSON.parse(call.body.toString());
}

function login(call: Call): Reply {
  const { email, password } = json(call);
  if (email !== shopKeys.email || password !== shopKeys.password) {
    return { status: 401, body: { error: 'wrong email or password' } };
  }
  const accessToken = randomBytes(24).toString('base64url');
  const session = randomBytes(16).toString('hex');
  call.state.tokens.add(accessToken);
  call.state.sessions.set(session, { csrf: randomBytes(12).toString('hex') });
  return {
    headers: { 'Set-Cookie': `session=${session}; Path=/; HttpOnly` },
    body: { accessToken, tokenType: 'Bearer', expiresIn: 3600, issuedAt: new Date().toISOString() },
  };
}

function logout(call: Call): Reply {
  call.state.tokens.delete(bearer(call));
  return { status: 204, headers: { 'Set-Cookie': 'session=; Path=/; Max-Age=0' } };
}

function bearer({ headers }: Call): string {
  return headers.authorization?.replace(/^Bearer /, '') ?? '';
}

function authorised(call: Call, then: () => Reply): Reply {
  if (call.state.tokens.has(bearer(call))) return then();
  return { status: 401, body: { error: 'who are you?' } };
}

function users(call: Call, id: string | undefined): Reply {
  const { users: all } = call.state;
  if (call.method === 'POST') {
    call.state.lastUser += 1;
    const { name } = json(call);
    const user = {
      id: call.state.lastUser,
      name: String(name),
      role: 'customer',
      joinedAt: new Date().toISOString(),
    };
    all.set(user.id, user);
    return { status: 201, headers: { Location: `/users/${user.id}` }, body: user };
  }
  if (id === undefined) return { body: page(call, [...all.values()]) };
  const user = all.get(Number(id));
  if (user === undefined) return notFound;
  if (call.method !== 'DELETE') return { body: user };
  all.delete(user.id);
  return { status: 204 };
}

function page<T>({ url }: Call, all: readonly T[]) {
  const number = Number(url.searchParams.get('page') ?? 1);
  const size = Number(url.searchParams.get('limit') ?? 20);
  const items = all.slice((number - 1) * size, number * size);
  return { page: number, total: all.length, items };
}

function products(call: Call, id: string | undefined): Reply {
  const { products: all } = call.state;
  if (call.method === 'POST') {
    const { name, price } = json(call);
    const product = {
      id: randomUUID(),
      name: String(name),
      price: Number(price),
      updatedAt: new Date().toISOString(),
    };
    all.set(product.id, product);
    return { status: 201, body: product };
  }
  if (id === undefined) return listed(call);
  const product = all.get(id);
  if (product === undefined) return notFound;
  if (call.method === 'PATCH') {
    Object.assign(product, json(call), { updatedAt: new Date().toISOString() });
  }
  if (call.method === 'DELETE') {
    all.delete(id);
    return { status: 204 };
  }
  return { body: product };
}

/** All products, or those that are not these (`?except=one,other`), which have to be there. */
function listed(call: Call): Reply {
  const { products: all } = call.state;
  const except = call.url.searchParams.get('except')?.split(',') ?? [];
  if (!except.every((id) => all.has(id))) return notFound;
  return {
    body: page(
      call,
      [...all.values()].filter(({ id }) => !except.includes(id)),
    ),
  };
}

function uploads(call: Call, id: string | undefined): Reply {
  const { uploads: all } = call.state;
  if (call.method === 'GET') {
    const found = all.get(id?.replace(/\.json$/, '') ?? '');
    return found ? { body: found } : notFound;
  }
  const boundary = /boundary=(.+)$/.exec(call.headers['content-type'] ?? '')?.[1] ?? '';
  const file = parseFormParts(call.body, boundary)?.find(({ fileName }) => fileName !== undefined);
  if (file === undefined) return { status: 400, body: { error: 'no file' } };
  const upload = {
    id: `upl_${randomBytes(9).toString('hex')}`,
    name: file.fileName ?? '',
    size: file.bytes.length,
  };
  all.set(upload.id, upload);
  return { status: 201, body: upload };
}

function graphql(call: Call): Reply {
  const { variables } = json(call) as { variables?: { id?: string } };
  const product = call.state.products.get(variables?.id ?? '');
  return { body: { data: { product: product ? { name: product.name } : null } } };
}

/** The old part of the shop: pages, a session cookie, and a form that carries a token. */
function cart(call: Call): Reply {
  const id = /session=(\w+)/.exec(call.headers.cookie ?? '')?.[1] ?? '';
  const session = call.state.sessions.get(id);
  if (session === undefined) return { status: 403, body: '<p>Log in first</p>' };
  if (call.method === 'GET') {
    const token = `<input type="hidden" name="_csrf" value="${session.csrf}">`;
    return { body: `<title>Cart</title><form method="post">${token}<button>Order</button></form>` };
  }
  const form = new URLSearchParams(call.body.toString());
  if (form.get('_csrf') !== session.csrf) return { status: 403, body: '<p>Stale form</p>' };
  const product = form.get('product') ?? '';
  if (!call.state.products.has(product)) return { status: 422, body: '<p>No such product</p>' };
  const order = {
    id: `ord_${randomBytes(9).toString('hex')}`,
    items: [product],
    placedAt: new Date().toISOString(),
  };
  call.state.orders.set(order.id, order);
  session.csrf = randomBytes(12).toString('hex');
  return { status: 303, headers: { Location: `/orders/${order.id}` } };
}

function orders(call: Call, id: string | undefined): Reply {
  const order = call.state.orders.get(id ?? '');
  return order ? { body: order } : notFound;
}

function admin(call: Call): Reply {
  if (call.headers['x-api-key'] !== shopKeys.apiKey) {
    return { status: 401, body: { error: 'no key' } };
  }
  const { orders: all, users: people } = call.state;
  return { body: { orders: all.size, users: people.size, at: new Date().toISOString() } };
}
