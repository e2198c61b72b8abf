import { lineAround } from './exchange-line.ts';
import type { Style } from './style.ts';

/** A stream that has just opened. */
export type OpenedStream = {
  readonly method: string;
  /** Without secrets. */
  readonly url: string;
  readonly status: number;
  readonly kind: 'events' | 'socket' | 'grpc' | 'lines';
};

/** Formats an opened stream as one line of at most `width` columns, in the columns of {@link exchangeLine}. */
export function streamLine({ method, url, status, kind }: OpenedStream, style: Style): string {
  return lineAround({ method, url, status, right: `${kind} open` }, style);
}
