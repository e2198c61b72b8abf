import { describeError, errorCode } from '../errors.ts';
import type { Failure } from '../exchange.ts';

const kinds: Readonly<Record<string, Failure['kind']>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  PMPROXY_SILENT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  PMPROXY_CLOSED: 'reset',
  PMPROXY_RESET: 'reset',
  // The error of a server's GOAWAY, and the error of its other streams after it.
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_STREAM_CANCEL: 'reset',
  ERR_HTTP2_GOAWAY_SESSION: 'reset',
  PMPROXY_PROTOCOL: 'protocol',
  EPROTO: 'tls',
  PMPROXY_LOOP: 'loop',
};

/**
 * Describes in our words why the upstream gave no complete answer.
 *
 * @param error an error from Node, OpenSSL or pmproxy
 * @param upstream the destination, for the message
 */
export function failureOf(error: unknown, upstream: string): Failure {
  const code = errorCode(error) ?? '';
  const kind = kindOf(error);
  return { kind, message: `${sentence(kind, upstream)} (${reason(code, error)})` };
}

/** Classifies an error. */
export function kindOf(error: unknown): Failure['kind'] {
  const code = errorCode(error) ?? '';
  const known = kinds[code];
  if (known !== undefined) return known;
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/.test(code)) {
    return 'tls';
  }
  return code.startsWith('ERR_HTTP2_') ? 'protocol' : 'other';
}

function sentence(kind: Failure['kind'], upstream: string): string {
  switch (kind) {
    case 'refused':
      return `${upstream} refused the connection`;
    case 'unknown-host':
      return `The host of ${upstream} is unknown`;
    case 'unreachable':
      return `${upstream} cannot be reached`;
    case 'tls':
      return `No secure connection to ${upstream}`;
    case 'timeout':
      return `${upstream} did not answer in time`;
    case 'reset':
      return `${upstream} broke off the connection`;
    case 'protocol':
      return `${upstream} did not answer in valid HTTP`;
    case 'loop':
      return `${upstream} is pmproxy itself`;
    case 'other':
      return `The request to ${upstream} failed`;
  }
}

// OpenSSL's messages contain line numbers and code points of the library, which do not help users.
function reason(code: string, error: unknown): string {
  const message = describeError(error)
    .replace(/^[0-9A-F]{8,}:error:[^:]*:[^:]*:/, '')
    .split('\n')[0];
  const brief = (message ?? '').replace(/:[^:]*\.c:\d+:.*$/, '').trim();
  return code !== '' && !brief.includes(code) ? `${code}: ${brief}` : brief;
}

/** 504 if the upstream did not respond (RFC 9110 15.6.5), 508 for a loop, otherwise 502 (15.6.3). */
export function statusOf(failure: Failure): 502 | 504 | 508 {
  if (failure.kind === 'timeout') return 504;
  return failure.kind === 'loop' ? 508 : 502;
}
