import { readdir } from 'node:fs/promises';

/** The folder of the repository, as a URL that ends in a slash. */
export const root = new URL('../../', import.meta.url);

/** Names of the files that document pmproxy for its users: `README.md`, `docs/ci.md` and so on, in order. */
export async function documents(): Promise<string[]> {
  const pages = await readdir(new URL('docs/', root));
  return [
    'README.md',
    ...pages
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `docs/${name}`),
  ];
}
