import type { Failure, Outcome } from '../exchange.ts';

/** Chromium's error names (net/base/net_error_list.h), as its network panel shows them. */
const NET_ERRORS: Readonly<Record<Failure['kind'], string>> = {
  refused: 'net::ERR_CONNECTION_REFUSED',
  'unknown-host': 'net::ERR_NAME_NOT_RESOLVED',
  unreachable: 'net::ERR_ADDRESS_UNREACHABLE',
  tls: 'net::ERR_SSL_PROTOCOL_ERROR',
  timeout: 'net::ERR_TIMED_OUT',
  reset: 'net::ERR_CONNECTION_RESET',
  protocol: 'net::ERR_INVALID_HTTP_RESPONSE',
  loop: 'net::ERR_TOO_MANY_RETRIES',
  other: 'net::ERR_FAILED',
};

const ABORTED = 'net::ERR_ABORTED';

/** The name of an outcome in `_error`; undefined for a complete response and for a recording that stopped. */
export function netErrorOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'failed') return NET_ERRORS[outcome.reason.kind];
  return outcome.kind === 'aborted' ? ABORTED : undefined;
}

/** Interprets another program's error text: `net::ERR_CONNECTION_REFUSED`, `ECONNRESET`, a sentence. */
export function failureOf(error: string): Failure | 'aborted' {
  if (/ERR_ABORTED|NS_BINDING_ABORTED|\bcancel|client disconnect/i.test(error)) return 'aborted';
  const kind = PATTERNS.find(([pattern]) => pattern.test(error))?.[1] ?? 'other';
  return { kind, message: error };
}

const PATTERNS: readonly (readonly [RegExp, Failure['kind']])[] = [
  [/refused/i, 'refused'],
  [
    /NAME_NOT_RESOLVED|NAME_RESOLUTION|UNKNOWN_HOST|ENOTFOUND|EAI_AGAIN|not known|getaddrinfo/i,
    'unknown-host',
  ],
  [/UNREACH|INTERNET_DISCONNECTED|NETWORK_CHANGED|OFFLINE/i, 'unreachable'],
  [/SSL|TLS|CERT|SEC_ERROR/i, 'tls'],
  [/TIMED?[ _-]?OUT/i, 'timeout'],
  [
    /RESET|CLOSED|EMPTY_RESPONSE|EPIPE|INTERRUPT|LENGTH_MISMATCH|INCOMPLETE|PARTIAL_TRANSFER/i,
    'reset',
  ],
  [/INVALID|PROTOCOL|PARSE/i, 'protocol'],
];
