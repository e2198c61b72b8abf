import { expect, test } from 'vitest';
import { writeClientFile } from '../../src/session/client/client-file.ts';
import { embedClient, knownPage } from '../../src/session/client/embedded-client.ts';
import type { DeliveryOptions } from '../../src/session/delivery/messages.ts';
import { clientAddress } from '../../src/sync/push/address.ts';
import { newFolder } from '../helpers/folder.ts';

const port = 65_533;

async function optionsFor(host: string): Promise<DeliveryOptions> {
  const home = await newFolder();
  await writeClientFile(home, { pid: process.pid, port, token: 'of-the-local-client' });
  const client = clientAddress(`ws://${host}:${port}/capture`);
  return { client, home, secrets: 'redact', embedded: {} } as unknown as DeliveryOptions;
}

test.each(['127.evil.test', '127.0.0.1.evil.test', 'evil.localhost', 'localhost.evil.test'])(
  'the token of the local client is not sent to %s, and no client is started there',
  async (host) => {
    const options = await optionsFor(host);
    expect(await knownPage(options)).toBeUndefined();
    expect(await embedClient(options, () => {})).toBeUndefined();
  },
);

test.each(['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]'])(
  'the page of the local client is recognised by %s',
  async (host) => {
    expect(await knownPage(await optionsFor(host))).toContain('of-the-local-client');
  },
);
