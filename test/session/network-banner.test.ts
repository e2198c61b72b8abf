import qrcode from 'qrcode';
import { expect, test } from 'vitest';
import { networkAddresses } from '../../src/proxy/listening.ts';
import { announceOnNetwork } from '../../src/session/network-banner.ts';

type Given = { bind?: string; isTTY?: boolean; columns?: number; logFormat?: 'json' };

async function banner({ bind = '0.0.0.0', isTTY = true, columns = 80, logFormat }: Given) {
  const said: string[] = [];
  let written = '';
  const info = (_fields: unknown, message: string) => void said.push(message);
  const write = (text: string) => {
    written += text;
    return true;
  };
  const log = { info, isLevelEnabled: () => true };
  await announceOnNetwork(
    { bind, logFormat },
    8080,
    log as never,
    { isTTY, columns, write } as never,
  );
  return { said, written };
}

const onNetwork = test.skipIf(networkAddresses('0.0.0.0').length === 0);

onNetwork(
  'on all addresses, the banner says the address on the network and shows a QR code',
  async () => {
    const { said, written } = await banner({});
    const [page, ...others] = networkAddresses('0.0.0.0').map((each) => `http://${each}:8080/`);
    expect(said).toEqual([
      expect.stringContaining(`On the network: ${page} shows devices how to use the proxy.`),
    ]);
    for (const other of others) expect(said[0]).toContain(other);
    expect(written).toBe(
      `${await qrcode.toString(`${page}`, { type: 'terminal', small: true })}\n`,
    );
  },
);

onNetwork.each<[string, Given]>([
  ['where stderr is not a terminal', { isTTY: false }],
  ['on a narrow terminal', { columns: 30 }],
  ['among JSON lines', { logFormat: 'json' }],
])('no QR code is shown %s', async (_, given) => {
  const { said, written } = await banner(given);
  expect([said.length, written]).toEqual([1, '']);
});

test('on loopback there is nothing to say', async () => {
  expect(await banner({ bind: '127.0.0.1' })).toEqual({ said: [], written: '' });
});
