/** The tables of the manual: every proxy in every comparison of speed, and everything that has a target. */
import { findingsTable } from './findings.js';
import { median, pairedRatio } from './statistics.js';
import { number, table } from './tables.js';

/**
 * @typedef {object} Measured what `measureThroughput` has as data
 * @property {string} scenario
 * @property {{peer: string, results: (import('./load.js').Result & {cpuMs: number})[], failure?: string}[]} runs
 */

/**
 * @param {import('./scenarios.js').Scenario[]} scenarios
 * @param {Measured[]} data
 * @param {import('./findings.js').Finding[]} findings
 * @returns {string} Markdown
 */
export function summary(scenarios, data, findings) {
  const shown = scenarios.flatMap(({ name, label }) => {
    const found = data.find(({ scenario }) => scenario === name);
    return found ? [{ label, runs: found.runs }] : [];
  });
  const names = [...new Set(shown.flatMap(({ runs }) => runs.map(({ peer }) => peer)))];
  const head = ['proxy', ...shown.map(({ label }) => label)];
  const tableOf = (cell) =>
    table(
      head,
      names.map((name) => [
        name === 'none' ? 'no proxy' : name,
        ...shown.map(({ runs }) => cell(runs, name)),
      ]),
    );
  return [
    ...(shown.length
      ? [
          'Requests per second, and the ratio to the bare proxy:\n',
          tableOf(rateCell),
          '\nProcessor time of the proxy per request, in ms:\n',
          tableOf(cpuCell),
          '',
        ]
      : []),
    'Targets:\n',
    findingsTable(findings),
  ].join('\n');
}

/** @param {Measured['runs']} runs @param {string} name */
function rateCell(runs, name) {
  const run = runs.find(({ peer }) => peer === name);
  if (!run) return '-';
  if (run.failure) return 'failed';
  const [, node] = name.split('@');
  const bare = runs.find(({ peer }) => peer === (node ? `bare@${node}` : 'bare'));
  const rates = run.results.map(({ perSecond }) => perSecond);
  const bases = bare?.results.map(({ perSecond }) => perSecond) ?? [];
  const ratio = pairedRatio(rates, bases);
  return `${number(median(rates))}${Number.isFinite(ratio) ? ` (${number(ratio, 2)})` : ''}`;
}

/** @param {Measured['runs']} runs @param {string} name */
function cpuCell(runs, name) {
  const run = runs.find(({ peer }) => peer === name);
  return run && !run.failure ? number(median(run.results.map(({ cpuMs }) => cpuMs)), 3) : '-';
}
