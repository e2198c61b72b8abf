/** What was measured of something that has a target: as a line beneath a section, and all of it as one table. */
import { number, table } from './tables.js';

/**
 * @typedef {object} Finding
 * @property {string} what
 * @property {number} value
 * @property {string} [unit]
 * @property {number} [digits] after the point; 2 without it
 * @property {readonly number[]} [ratios] the values of the rounds
 * @property {number} [cpu] processor time per request, as a ratio to the same thing as the value
 * @property {{least: number, next?: number} | {most: number, next?: number}} target
 * @property {string} [failed] why there is no value
 */

/** @param {Finding} finding */
export function findingLine(finding) {
  const { what } = finding;
  if (finding.failed) return `- ${what}: **failed**, ${finding.failed}`;
  const [result, rounds, cpu, target] = cells(finding);
  const more = [
    rounds && `rounds ${rounds}`,
    cpu && `processor time per request ${cpu}`,
    `target: ${target}`,
  ];
  return `- ${what}: **${result}** (${more.filter(Boolean).join('; ')})`;
}

/** @param {readonly Finding[]} findings */
export function findingsTable(findings) {
  const head = ['measured', 'result', 'rounds', 'processor time', 'target'];
  const rows = findings.map((finding) => [
    finding.what,
    ...(finding.failed ? ['failed', '', '', cells(finding)[3]] : cells(finding)),
  ]);
  return table(head, rows, ['measured', 'target']);
}

/** @param {Finding} finding */
function cells({ value, unit = '', digits = 2, ratios = [], cpu = Number.NaN, target }) {
  const shown = (amount) => `${number(amount, digits)}${unit && ` ${unit}`}`;
  const range = ratios.length
    ? `${number(Math.min(...ratios), digits)}-${number(Math.max(...ratios), digits)}`
    : '';
  const next = target.next === undefined ? '' : `, then ${target.next}`;
  const bound = 'least' in target ? `at least ${target.least}` : `at most ${target.most}`;
  return [shown(value), range, Number.isFinite(cpu) ? number(cpu, 2) : '', bound + next];
}
