/** Load over HTTP where wrk is missing. Arguments: proxy port, URL, connections, seconds, headers as JSON. */
import autocannon from 'autocannon';

const [port, url, connections, seconds, headers] = process.argv.slice(2);
const result = await autocannon({
  connections: Number(connections),
  duration: Number(seconds),
  requests: [{ headers: { host: new URL(url).host, ...JSON.parse(headers) }, path: url }],
  url: `http://127.0.0.1:${port}`,
});
const summary = {
  bad: result.non2xx,
  broken: result.errors + result.timeouts,
  bytes: result.throughput.total,
  p99Ms: result.latency.p99,
  requests: result.requests.total,
  seconds: result.duration,
};
console.log(`RESULT ${JSON.stringify(summary)}`);
