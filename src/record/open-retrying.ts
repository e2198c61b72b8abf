import { close, type Mode, open, type PathLike, write, writev } from 'node:fs';
import { setMode } from '../new-files.ts';

/** The interval between attempts to open a file, and the time after which they stop. */
const retryMs = 20;
const retryForMs = 10_000;

/**
 * The file system functions that a stream needs. When the process has run out of descriptors, `open` retries until one is
 * free, which happens as clients disconnect. A new file has exactly the given mode, whatever the umask.
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
