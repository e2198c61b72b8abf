import { type Exchange, responseOf } from '../exchange.ts';

/** What became of an exchange, in a word or two: `200`, `failed: refused`, `206, aborted`. */
export function outcomeWord({ outcome }: Exchange): string {
  const status = responseOf(outcome)?.status;
  if (outcome.kind === 'completed') return status === undefined ? 'answered' : String(status);
  const reason = outcome.kind === 'failed' ? `failed: ${outcome.reason.kind}` : outcome.kind;
  return status === undefined ? reason : `${status}, ${reason}`;
}
