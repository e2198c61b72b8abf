import type { OptionTable } from './option.ts';

/** A Markdown table of options, as the README shows them: option, default, meaning. */
export function markdownTable(table: OptionTable): string {
  const rows = Object.values(table).flatMap(({ flags, shownDefault, meaning, negation }) => [
    [`\`${flags}\``, shownDefault ?? (flags.includes('<') ? '-' : 'off'), meaning],
    ...(negation === undefined ? [] : [[`\`${negation.flags}\``, 'off', negation.meaning]]),
  ]);
  const lines = [['option', 'default', 'meaning'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.map(escaped).join(' | ')} |\n`).join('');
}

// Outside code, a bar would end the cell, and text that looks like a tag would not be shown.
function escaped(cell: string): string {
  const text = cell.replaceAll('|', '\\|');
  return text.startsWith('`') ? text : text.replaceAll('<', '\\<');
}
