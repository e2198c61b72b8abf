/** Asks again and again with so many requests at once until the time is up, and prints the line of the result. */

/**
 * @param {object} load
 * @param {number} load.concurrent requests at once
 * @param {number} load.seconds
 * @param {number} [load.count] ends after so many requests instead
 * @param {(worker: number) => Promise<{status: number, bytes: number}>} load.ask status 0: no whole answer
 */
export async function loop({ concurrent, seconds, count = 0, ask }) {
  const summary = { bad: 0, broken: 0, bytes: 0, requests: 0 };
  const latencies = [];
  const start = performance.now();
  let asked = 0;
  const more = () => (count ? asked < count : performance.now() - start < seconds * 1000);

  /** @param {number} worker */
  async function work(worker) {
    while (more()) {
      asked += 1;
      const before = performance.now();
      const { status, bytes } = await ask(worker);
      latencies.push(performance.now() - before);
      if (status === 0) summary.broken += 1;
      else summary.requests += 1;
      if (status >= 300) summary.bad += 1;
      summary.bytes += bytes;
    }
  }

  await Promise.all(Array.from({ length: concurrent }, (_, worker) => work(worker)));
  latencies.sort((a, b) => a - b);
  const took = { seconds: (performance.now() - start) / 1000 };
  const of = (share) => latencies[Math.floor(latencies.length * share)] ?? 0;
  const slow = { p50Ms: of(0.5), p99Ms: of(0.99) };
  console.log(`RESULT ${JSON.stringify({ ...summary, ...took, ...slow })}`);
}
