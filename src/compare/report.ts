import chalk, { Chalk, type ChalkInstance } from 'chalk';
import type { Comparison } from './comparison.ts';
import { endpointName, type Finding, findingLine, findingWords } from './finding.ts';

/** Findings for terminals, grouped by endpoint. */
function terminalReport({ findings }: Comparison, color: boolean): string {
  const paint: ChalkInstance = color ? chalk : new Chalk({ level: 0 });
  const groups = new Map<string, string[]>();
  for (const finding of findings) {
    const place = finding.place === '' ? '' : `${paint.dim(finding.place)} `;
    const lines = groups.get(endpointName(finding)) ?? [];
    groups.set(endpointName(finding), [...lines, `  ${place}${painted(finding, paint)}\n`]);
  }
  return [...groups]
    .map(([endpoint, lines]) => `${paint.bold(endpoint)}\n${lines.join('')}`)
    .join('\n');
}

function painted(finding: Finding, paint: ChalkInstance): string {
  const { kind, old, new: now } = finding;
  if (kind === 'call gone' || now === undefined) return paint.red(findingWords(finding));
  if (kind === 'call new' || old === undefined) return paint.green(findingWords(finding));
  return `${paint.red(old)}, now ${paint.green(now)}`;
}

/** Findings for a stream: grouped on a terminal, one line each elsewhere. */
export function textReport(
  comparison: Comparison,
  { isTerminal, color }: { readonly isTerminal: boolean; readonly color: boolean },
): string {
  return isTerminal ? terminalReport(comparison, color) : lineReport(comparison);
}

/** `no difference`, `1 difference`, `12 differences`. */
export function countedDifferences({ findings: { length } }: Comparison): string {
  if (length === 0) return 'no difference';
  return `${length.toLocaleString('en-US')} difference${length === 1 ? '' : 's'}`;
}

/** One line per finding, for logs and for grep. */
export function lineReport({ findings }: Comparison): string {
  return findings.map((finding) => `${findingLine(finding)}\n`).join('');
}

/** One JSON document, described in docs/check.md; fields may be added, but never removed. */
export function jsonReport({ findings, calls }: Comparison): string {
  return `${JSON.stringify({ version: 1, calls, findings }, null, 2)}\n`;
}

/** Annotations in the output format of GitHub Actions (workflow commands). */
export function githubReport({ findings }: Comparison): string {
  return findings
    .map(
      (finding) =>
        `::error title=${property(endpointName(finding))}::${data(findingLine(finding))}\n`,
    )
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
