import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';

/** Why a body was refused. */
export type BadBody = { readonly status: 400 | 413; readonly error: string };

/**
 * Reads the JSON body of a request.
 *
 * @param expected what to write instead, when it is not that
 */
export async function readBody<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  { maxBytes, expected }: { readonly maxBytes: number; readonly expected: string },
): Promise<{ readonly body: T } | BadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { status: 413, error: 'The request is too large.' };
    chunks.push(chunk);
  }
  try {
    return { body: schema.parse(JSON.parse(Buffer.concat(chunks).toString())) };
  } catch {
    return { status: 400, error: expected };
  }
}
