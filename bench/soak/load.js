/** Sends the soak's exchanges at a fixed rate, whatever the answers take. */
import { setTimeout as delay } from 'node:timers/promises';
import { drivers, limitMs, shares } from './traffic.js';

/**
 * @typedef {object} Tally of one kind
 * @property {number} sent
 * @property {number} open still waiting for their end
 * @property {number} slowestMs
 * @property {string[]} failures
 */

/**
 * @param {import('./traffic.js').Ports} ports
 * @param {number} perSecond of all kinds together
 */
export function createLoad(ports, perSecond) {
  /** @type {Record<string, Tally>} */
  const tallies = {};
  const kinds = Object.entries(shares).map(([kind, share]) => {
    tallies[kind] = { sent: 0, open: 0, slowestMs: 0, failures: [] };
    return { kind, driver: drivers[kind](ports), rate: (perSecond * share) / 100 };
  });

  /** @param {string} kind @param {import('./traffic.js').Driver} driver */
  async function send(kind, driver) {
    const tally = tallies[kind];
    const n = tally.sent;
    tally.sent += 1;
    tally.open += 1;
    const before = performance.now();
    const timer = new AbortController();
    const late = async () => {
      await delay(limitMs, undefined, { signal: timer.signal });
      throw new Error(`no end within ${limitMs / 1000} s`);
    };
    try {
      await Promise.race([driver.send(n), late()]);
    } catch (error) {
      tally.failures.push(`${kind} ${n}: ${error.message}`);
    } finally {
      timer.abort();
      tally.open -= 1;
      tally.slowestMs = Math.max(tally.slowestMs, performance.now() - before);
    }
  }

  return {
    tallies,
    /** Sends what is due until the time is up. @param {number} seconds */
    async run(seconds) {
      const start = performance.now();
      for (;;) {
        const passed = Math.min((performance.now() - start) / 1000, seconds);
        for (const { kind, driver, rate } of kinds) {
          while (tallies[kind].sent < Math.floor(passed * rate)) void send(kind, driver);
        }
        if (passed === seconds) break;
        await delay(5);
      }
      while (Object.values(tallies).some(({ open }) => open > 0)) await delay(20);
    },
    close() {
      for (const { driver } of kinds) driver.close();
    },
  };
}
