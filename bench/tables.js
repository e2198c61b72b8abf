/** Markdown tables that can be read in a terminal as well. */

/**
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {string[]} [left] the columns that hold words; the others are aligned to the right
 * @returns {string}
 */
export function table(head, rows, left = head.slice(0, 1)) {
  const widths = head.map((name, at) =>
    Math.max(3, name.length, ...rows.map((row) => row[at].length)),
  );
  const isLeft = head.map((name) => left.includes(name));
  const line = (cells) =>
    `| ${cells.map((cell, at) => (isLeft[at] ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    isLeft[at] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** @param {number} value @param {number} [digits] */
export function number(value, digits = 0) {
  if (!Number.isFinite(value)) return '-';
  return value.toLocaleString('en-US', {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  });
}
