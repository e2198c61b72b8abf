/** Processor time of a process, which other work on the machine lengthens less than the time on the clock. */
import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/<pid>/stat, on every Linux that Node supports. */
const ticksPerSecond = 100;

/**
 * @param {number} pid
 * @returns {number} seconds that all its threads have used (proc(5), fields 14 and 15); NaN where there is no /proc, and when
 *   the process is gone
 */
export function cpuSeconds(pid) {
  let stat = '';
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return Number.NaN;
    throw error;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
