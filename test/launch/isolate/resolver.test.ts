import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createResolver } from '../../../src/launch/isolate/resolver.ts';

/** Our resolver on a real socket, and a client of DNS that asks it. */
async function startResolver() {
  const resolver = createResolver();
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  resolver.serve(socket);
  const client = new Resolver();
  client.setServers([`127.0.0.1:${socket.address().port}`]);
  return { resolver, client, socket };
}

describe('the resolver of isolated programs', () => {
  test('gives each name an address of its own, and knows the name again', async () => {
    const { resolver, client } = await startResolver();
    const [first = ''] = await client.resolve4('Shop.Test');
    const [second = ''] = await client.resolve4('api.shop.test');
    expect(first).toMatch(/^198\.1[89]\./);
    expect(second).not.toBe(first);
    expect(await client.resolve4('shop.test')).toEqual([first]);
    expect(resolver.nameOf(first)).toBe('shop.test');
    expect(resolver.nameOf(second)).toBe('api.shop.test');
    expect(resolver.nameOf('93.184.216.34')).toBeUndefined();
  });

  test('has no IPv6 addresses, so that clients use the other one', async () => {
    const { client } = await startResolver();
    await expect(client.resolve6('shop.test')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  test('leaves localhost on this machine', async () => {
    const { client } = await startResolver();
    expect(await client.resolve4('localhost')).toEqual(['127.0.0.1']);
    expect(await client.resolve4('app.localhost')).toEqual(['127.0.0.1']);
  });

  test('says that it does not know other kinds of records', async () => {
    const { client } = await startResolver();
    await expect(client.resolveMx('shop.test')).rejects.toMatchObject({ code: 'ENOTIMP' });
  });

  test('knows no names that a URL cannot hold', async () => {
    const { client } = await startResolver();
    await expect(client.resolve4('*.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('goes on after messages that are not questions', async () => {
    const { client, socket } = await startResolver();
    const sender = createSocket('udp4');
    onTestFinished(() => void sender.close());
    const messages = [
      Buffer.alloc(0),
      Buffer.alloc(11),
      Buffer.alloc(12, 0xff),
      Buffer.from('000001000001000000000000c00c', 'hex'),
      Buffer.from('0000010000010000000000003f61', 'hex'),
      Buffer.from('00000100000100000000000001610000', 'hex'),
    ];
    for (const message of messages) sender.send(message, socket.address().port, '127.0.0.1');
    expect(await client.resolve4('shop.test')).toHaveLength(1);
  });
});
