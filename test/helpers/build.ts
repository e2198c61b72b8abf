import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests of the real binary run what `npm run build` makes of the sources as they are now. */
export function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
