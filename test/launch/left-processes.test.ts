import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processesUsing } from '../../src/launch/left-processes.ts';
import { newFolder } from '../helpers/folder.ts';

test.skipIf(process.platform !== 'linux')(
  'a process is found while it starts one program after another',
  async () => {
    const folder = await newFolder();
    const script = join(folder, 'again.sh');
    await writeFile(script, 'exec sh "$0"\n');
    const child = spawn('sh', [script], { env: { PMPROXY_CA: `${folder}/ca.pem` } });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    let found = 0;
    for (let looks = 0; looks < 20; looks += 1) found += (await processesUsing(folder)).length;
    expect(found).toBeGreaterThan(15);
  },
);
