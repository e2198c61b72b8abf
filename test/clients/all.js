// Runs the programs of a JSON file ([{ command, args, env }]), as many at a time as there are processors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const programs = JSON.parse(readFileSync(process.argv[2], 'utf8'));

async function runNext() {
  for (let next = programs.shift(); next; next = programs.shift()) {
    const { command, args, env } = next;
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
    await once(child, 'close');
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runNext));
