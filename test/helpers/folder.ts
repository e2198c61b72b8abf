import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'pmproxy-test-'));
// Processes of a browser may write a last line after the browser itself has ended.
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

/** Makes a new empty folder that is removed when the test file is done. */
export function newFolder(): Promise<string> {
  return mkdtemp(join(root, 'folder-'));
}
