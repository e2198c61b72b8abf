import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first; where nothing is known of earlier runs, size says little about time. */
const longest: readonly string[] = [
  'test/exporters/deep-data.slow.test.ts',
  'test/regexes-linear.slow.test.ts',
  'test/cli/nine-formats.slow.test.ts',
  'test/importers/mutated-inputs.slow.test.ts',
  'test/cli/recorded-options.test.ts',
  'test/cli/clients.test.ts',
  'test/readme/commands.test.ts',
  'test/cli/crash.test.ts',
  'test/cli/file-modes.test.ts',
  'test/cli/output.test.ts',
  'test/cli/usage.test.ts',
  'test/cli/proxy-options.test.ts',
  'test/cli/filter-chromium.test.ts',
  'test/cli/sync.test.ts',
  'test/cli/filter.test.ts',
  'test/cli/signals.test.ts',
  'test/exporters/postman-replay.test.ts',
  'test/cli/convert.test.ts',
  'test/exporters/postman-v3.test.ts',
  'test/cli/shop.test.ts',
  'test/cli/client.test.ts',
  'test/cli/terminal.test.ts',
];

/** Starts the longest files first: one that is started last would leave the other workers with nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const at = longest.indexOf(relative(project.config.root, moduleId).replaceAll('\\', '/'));
      return at === -1 ? longest.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}
