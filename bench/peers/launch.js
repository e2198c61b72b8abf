/** What every launcher script does: say where it listens, and end with the bench. */
import process from 'node:process';

/**
 * Tells the bench the port, and ends this process when the bench is gone.
 * @param {number} port
 * @param {Record<string, number>} [more] further ports by name
 */
export function announce(port, more = {}) {
  process.once('disconnect', () => process.exit());
  process.send?.({ port, ...more });
}

/** The temporary folder that this launcher may write to. */
export const folder = process.env['BENCH_FOLDER'] ?? '';
