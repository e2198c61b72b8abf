import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page. */
export type Asset = {
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** Whether its name changes with its content, so that it may be cached forever. */
  readonly isLasting: boolean;
};

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Reads the built page into memory. Only these files can be requested.
 *
 * @param folder contains `index.html`, and files with hashed names in `assets/`
 * @returns files by path, with the page at `/`; empty when the page was not built
 */
export async function readAssets(folder: URL): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  const root = fileURLToPath(folder);
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const file of found) {
    const mediaType = mediaTypes[extname(file.name)];
    if (!file.isFile() || mediaType === undefined) continue;
    const location = `${file.parentPath}/${file.name}`;
    const path = `/${location.slice(root.length).replaceAll('\\', '/').replace(/^\/+/, '')}`;
    const bytes = await readFile(location);
    const isLasting = path.startsWith('/assets/');
    assets.set(path === '/index.html' ? '/' : path, { mediaType, bytes, isLasting });
  }
  return assets;
}
