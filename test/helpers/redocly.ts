import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const redocly = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin/cli.js');

/** Rules about things that a recording cannot know or change: a licence, missing responses, the paths of an API. */
const RULES = `extends: [recommended]
rules:
  info-license: off
  operation-2xx-response: off
  operation-4xx-response: off
  no-path-trailing-slash: off
`;

/** What Redocly has to complain about in an OpenAPI document, linted and bundled; nothing when it is clean. */
export async function openApiComplaints(file: string): Promise<unknown[]> {
  await writeFile(join(dirname(file), 'redocly.yaml'), RULES);
  const { stdout } = await runRedocly(file, 'lint', '--format', 'json');
  const { problems, totals } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  if (problems.length !== totals.errors + totals.warnings) throw new Error(stdout);
  const bundled = await runRedocly(file, 'bundle', '-o', `${basename(file)}.bundle.yaml`);
  return bundled.code === undefined ? problems : [...problems, bundled.stderr];
}

type RedoclyEnd = { readonly stdout: string; readonly stderr: string; readonly code?: number };

/** @param command what is done to the file, and how; `code` is absent when it went well */
async function runRedocly(file: string, ...command: string[]): Promise<RedoclyEnd> {
  const folder = dirname(file);
  const { PATH } = process.env;
  const env = {
    PATH,
    HOME: folder,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  };
  const [action = '', ...rest] = command;
  const args = [redocly, action, basename(file), ...rest];
  const options = { cwd: folder, env, timeout: 100_000, maxBuffer: 1e8 };
  return promisify(execFile)(process.execPath, args, options).catch((error) => error);
}
