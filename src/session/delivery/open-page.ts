import { execa } from 'execa';

/**
 * Opens an address in the browser of this desktop.
 *
 * @throws what the program says that was to open it
 */
export async function openPage(url: string): Promise<void> {
  const [program, ...args] = opener(url);
  await execa(program, args, { stdio: 'ignore', timeout: 15_000 });
}

function opener(url: string): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url];
  // `start` is a word of the shell, which takes what is quoted first for a title.
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')];
  return ['xdg-open', url];
}
