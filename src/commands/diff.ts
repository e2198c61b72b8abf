import { Argument } from 'commander';
import { ignoredPlaces } from '../calls/ignored.ts';
import { type Comparison, compareRecordings } from '../compare/comparison.ts';
import { countedDifferences, githubReport, jsonReport, textReport } from '../compare/report.ts';
import { usageError } from '../errors.ts';
import { comparedOptions, ignoringOptions } from '../options/compared.ts';
import { readOptions } from '../options/option.ts';
import { openRecordings } from '../session/inputs.ts';
import { createLog } from '../terminal/log.ts';
import { styleOf } from '../terminal/style.ts';
import { counted } from '../terminal/summary.ts';
import type { CommandModule } from './command.ts';

/** `pmproxy diff`: what changed between two recordings. */
export const diffCommand: CommandModule = {
  description: 'Compares two recordings of the same program, and prints what changed.',
  examples: [
    'pmproxy diff yesterday.har today.har',
    'pmproxy diff api.postman_collection.json today.har --ignore X-Version',
    "pmproxy diff old.har new.har --json | jq '.findings[].place'",
  ],
  operands: [
    new Argument(
      '<old>',
      'the recording to measure against: a journal, HAR, ndjson or a collection',
    ),
    new Argument('<new>', 'the recording to compare with it'),
  ],
  options: { 'What is compared': ignoringOptions, 'What is printed': comparedOptions },
  wrapsCommand: false,
  async run({ given, operands: [old = '', fresh = ''] }) {
    const { ignore } = readOptions(ignoringOptions, given);
    const { format, json } = readOptions(comparedOptions, given);
    if (json && given['format'] !== undefined && format !== 'json')
      throw usageError(`--json and --format ${format} contradict each other.`);
    if (old === '-' && fresh === '-') throw usageError('Standard input (-) can be read once only.');
    const [before, after] = await Promise.all([openRecordings([old]), openRecordings([fresh])]);
    try {
      const [yardstick] = before.recordings;
      const [compared] = after.recordings;
      if (!yardstick || !compared) throw usageError('diff compares two recordings.');
      const isIgnored = ignoredPlaces(ignore);
      const comparison = await compareRecordings(yardstick, compared, { isIgnored });
      process.stdout.write(reportOf(comparison, json ? 'json' : format));
      sumUp(comparison);
      return comparison.findings.length === 0 ? 0 : 4;
    } finally {
      await Promise.all([before.close(), after.close()]);
    }
  },
};

function reportOf(comparison: Comparison, format: 'text' | 'json' | 'github'): string {
  if (format === 'json') return jsonReport(comparison);
  if (format === 'github') return githubReport(comparison);
  const { color } = styleOf(process.stdout);
  return textReport(comparison, { isTerminal: process.stdout.isTTY === true, color });
}

function sumUp(comparison: Comparison): void {
  const { calls } = comparison;
  const log = createLog({ level: 'info', format: 'pretty', color: styleOf(process.stderr).color });
  const compared = `Compared ${counted(calls.new, 'call')} with ${counted(calls.old, 'call')}`;
  log.info({}, `${compared}: ${countedDifferences(comparison)}.`);
}
