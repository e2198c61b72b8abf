import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const redocly = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin/cli.js');

/** What a recording cannot know or change: a licence, answers that nobody got, paths as somebody else made them. */
const RULES = `extends: [recommended]
rules:
  info-license: off
  operation-2xx-response: off
  operation-4xx-response: off
  no-path-trailing-slash: off
`;

/** What Redocly has to complain about in an OpenAPI document; nothing when it is clean. */
export async function openApiComplaints(file: string): Promise<unknown[]> {
  const folder = dirname(file);
  await writeFile(join(folder, 'redocly.yaml'), RULES);
  const { PATH } = process.env;
  const env = {
    PATH,
    HOME: folder,
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  };
  const args = [redocly, 'lint', basename(file), '--format', 'json'];
  const options = { cwd: folder, env, timeout: 100_000, maxBuffer: 1e8 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error) => error,
  );
  const { problems, totals } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  if (problems.length !== totals.errors + totals.warnings) throw new Error(stdout);
  return problems;
}
