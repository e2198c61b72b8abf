/**
 * An error whose cause is known and can be mended by the person at the keyboard.
 * It is printed with its hint as one line; its stack is never shown.
 */
export class UserError extends Error {
  override name = 'UserError';
  /** The next thing to type or to look at, printed behind the message. */
  readonly hint: string | undefined;
  /** 1: something failed; 2: wrong usage (PRODUCT, exit codes). */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { hint?: string; cause?: unknown; exitCode?: 1 | 2 } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** An error in how pmproxy was called: exit code 2. */
export function usageError(message: string, hint?: string): UserError {
  return new UserError(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) });
}

/**
 * The one sentence that tells what went wrong, whatever was thrown: the message, or for system errors
 * without a useful one their code. An AggregateError (happy eyeballs) speaks through its first cause.
 */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return describeError(error.errors[0]);
  }
  if (error instanceof Error) return error.message || errorCode(error) || error.name;
  return String(error);
}

/** The `code` of an error (`ECONNREFUSED`, `ERR_TLS_CERT_ALTNAME_INVALID`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return errorCode(error.errors[0]);
  }
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
