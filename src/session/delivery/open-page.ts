import { execa } from 'execa';

/**
 * Opens an address in the browser of this desktop.
 *
 * @throws the error of the program that opens pages
 */
export async function openPage(url: string): Promise<void> {
  const [program, ...args] = opener(url);
  await execa(program, args, { stdio: 'ignore', timeout: 15_000 });
}

function opener(url: string): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url];
  // `start` is a built-in of cmd, which takes the first quoted argument as a window title.
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')];
  return ['xdg-open', url];
}
