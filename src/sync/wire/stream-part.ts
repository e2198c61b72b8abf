import { z } from 'zod';

/** Characters of a part that are shown at most, about 64 KB. */
export const maxPartLength = 64 * 1024;

const text = z.string().max(maxPartLength);

/** A part of a stream as it passed: an event, a message of a WebSocket, a gRPC message or a line. Exactly one is set. */
export const streamPart = z.object({
  /** Milliseconds since the epoch. */
  time: z.number(),
  direction: z.enum(['sent', 'received']),
  /** Bytes that passed. */
  size: z.int().min(0),
  /** Only the beginning is shown, or nothing of what is too large. */
  cut: z.literal(true).optional(),
  /** A server-sent event. */
  event: z.object({ id: text.optional(), event: text.optional(), data: text }).optional(),
  /** A message of a WebSocket; `data` is text for opcode 1 and base64 otherwise. */
  message: z.object({ opcode: z.int().min(0).max(15), data: text }).optional(),
  /** A gRPC message as JSON text, or its bytes in base64. */
  frame: z
    .object({ type: text.optional(), json: text.optional(), base64: text.optional() })
    .optional(),
  line: text.optional(),
});

export type StreamPart = z.infer<typeof streamPart>;
