import { close, type Mode, open, type PathLike, write, writev } from 'node:fs';
import { setMode } from '../new-files.ts';

/** How often a file is tried again to be opened, and for how long. */
const retryMs = 20;
const retryForMs = 10_000;

/**
 * The file system as streams want it, but for one thing: where descriptors have run out, a file is opened as soon as one
 * is free again. They are freed as clients go, while what is to be written waits. Its mode is what was asked for, whatever
 * the umask.
 */
export const retryingFiles = { open: openRetrying, write, writev, close };

type Opened = (error: NodeJS.ErrnoException | null, descriptor: number) => void;

function openRetrying(path: PathLike, flags: string, mode: Mode, opened: Opened): void {
  const until = performance.now() + retryForMs;
  const attempt = () =>
    open(path, flags, mode, (error, descriptor) => {
      const ranOut = error?.code === 'EMFILE' || error?.code === 'ENFILE';
      if (ranOut && performance.now() < until) setTimeout(attempt, retryMs);
      else if (error || typeof mode !== 'number') opened(error, descriptor);
      else setMode(descriptor, mode, (fault) => opened(fault, descriptor));
    });
  attempt();
}
