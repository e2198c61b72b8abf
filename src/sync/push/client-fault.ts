import { describeError, errorCode } from '../../errors.ts';
import { protocolVersion } from '../wire/protocol.ts';

/** Why a connection to a client could not be made, or has ended. */
export class ClientFault extends Error {
  override name = 'ClientFault';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export type FaultKind =
  | 'absent' // no server listens at the address
  | 'token' // the client does not accept the token
  | 'foreign' // the server is not a pmproxy client
  | 'protocol' // the client speaks another protocol version, or violates this one
  | 'lost'; // the connection ended

/** The fault of a client that violates the protocol. */
export function breachOf(url: string, reason: string, cause?: unknown): ClientFault {
  const message = `The client at ${url} violates the protocol: ${reason}.`;
  return new ClientFault('protocol', message, cause);
}

/** The fault that an HTTP status other than 101 stands for. */
export function refusal(url: string, status: number): ClientFault {
  if (status === 401 || status === 403)
    return new ClientFault('token', `The client at ${url} does not accept this token.`);
  return foreign(url, `it answers ${status}`);
}

/** The fault of a client that speaks another version of the protocol. */
export function incompatible(url: string, theirs: number): ClientFault {
  const older = theirs < protocolVersion ? 'the client' : 'pmproxy';
  return new ClientFault(
    'protocol',
    `The client at ${url} speaks protocol ${theirs}, this is ${protocolVersion}; ${older} needs an update.`,
  );
}

/** The fault of a server that is not a pmproxy client. */
export function foreign(url: string, why: string, cause?: unknown): ClientFault {
  return new ClientFault('foreign', `The server at ${url} is not a pmproxy client: ${why}.`, cause);
}

// RFC 6455, 7.4.1: ended, going away, no code, broken off, restarting, try again later.
const ordinaryEnds: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1012, 1013]);

/** The fault that a close frame with this code and reason stands for. */
export function closeFault(
  url: string,
  code: number,
  reason: string,
  welcomed: boolean,
): ClientFault {
  if (!ordinaryEnds.has(code)) {
    const why = reason === '' ? `code ${code}` : reason;
    return new ClientFault('protocol', `The client at ${url} closed the connection: ${why}.`);
  }
  return welcomed
    ? new ClientFault('lost', `The client at ${url} closed the connection.`)
    : foreign(url, 'it closes the connection before the welcome message');
}

/**
 * The fault that an error on an open connection stands for. After an invalid frame, ws ends the connection itself and
 * reports what was wrong.
 */
export function breakOf(url: string, error: Error): ClientFault {
  if ((errorCode(error) ?? '').startsWith('WS_ERR_')) return breachOf(url, error.message, error);
  const message = `The connection to ${url} broke (${describeError(error)}).`;
  return new ClientFault('lost', message, error);
}

/** The fault that an error before the handshake stands for. */
export function absenceOf(url: string, error: Error): ClientFault {
  const code = errorCode(error) ?? '';
  if (absences.has(code)) {
    return new ClientFault('absent', `No client listens at ${url} (${code}).`, error);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return foreign(url, 'it closes the connection', error);
  return foreign(url, describeError(error).replace(/\.$/, ''), error);
}

const absences: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
]);
