import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';

type BodyRules = {
  readonly maxBytes: number;
  readonly expected: string;
  readonly tooLarge: string;
};

/** Why a body was refused. */
type BadBody = { readonly status: 400 | 413; readonly error: string };

/**
 * Reads the JSON body of a request.
 *
 * @param expected says what to write when the body is not valid
 * @param tooLarge says what is wrong when it has more than `maxBytes`
 */
export async function readBody<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  { maxBytes, expected, tooLarge }: BodyRules,
): Promise<{ readonly body: T } | BadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { status: 413, error: tooLarge };
    chunks.push(chunk);
  }
  try {
    return { body: schema.parse(JSON.parse(Buffer.concat(chunks).toString())) };
  } catch {
    return { status: 400, error: expected };
  }
}
