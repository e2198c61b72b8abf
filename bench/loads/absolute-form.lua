-- Sends every request in absolute-form, as clients of a proxy do, and ends with one line of JSON.
-- Arguments: URL, Host header, then names and values of further headers in turn.
function init(args)
  wrk.path = args[1]
  wrk.headers["Host"] = args[2]
  for i = 3, #args - 1, 2 do wrk.headers[args[i]] = args[i + 1] end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%f,"bytes":%d,"bad":%d,"broken":%d,"p99Ms":%f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(99) / 1e3))
end
