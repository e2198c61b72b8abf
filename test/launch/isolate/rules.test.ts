import { expect, test } from 'vitest';
import { loopbackPort, outsidePortsCommand } from '../../../src/launch/isolate/rules.ts';

test('the address of a connection to this machine tells its port', () => {
  for (const port of [1, 80, 255, 256, 3000, 65_535]) {
    const command = outsidePortsCommand({ any: [port], v4: [port], v6: [port] });
    const [, v4 = ''] = /: (127\.\S+) \./.exec(command) ?? [];
    const [, v6 = ''] = /: (100::\S+) \./.exec(command) ?? [];
    expect([loopbackPort(v4), loopbackPort(v6)], command).toEqual([port, port]);
  }
  expect(loopbackPort('127.0.0.1')).toBeUndefined();
});
